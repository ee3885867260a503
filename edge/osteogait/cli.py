"""The command line: every command reads its options, calls one function, and prints what came out."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperOption

from osteogait.cli_backup import backup, key_app, restore
from osteogait.cli_doctor import doctor
from osteogait.cli_model import model_app
from osteogait.cli_options import AsJson, Lang, default_language, language, print_json
from osteogait.cli_people import audit_app, users_app
from osteogait.cli_sensors import sensors_app
from osteogait.cli_station import serve
from osteogait.errors import OsteogaitError
from osteogait.words import LANGUAGES, sentence

app = typer.Typer(
    name="osteogait",
    help="Bone health from one lower-back sensor and what the clinic knows. Research software, no medical device.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(model_app, name="model")
app.add_typer(sensors_app, name="sensors")
app.command()(serve)
app.add_typer(users_app, name="users")
app.add_typer(audit_app, name="audit")
app.command()(doctor)
app.command()(backup)
app.command()(restore)
app.add_typer(key_app, name="key")


def run() -> int:
    """Run the command of `sys.argv`; errors become a sentence on stderr and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # a name or sign that the terminal lacks is escaped, never a crash
            stream.reconfigure(errors="backslashreplace")
    # leaving by an exception removes half-written files
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        code = _run()
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except OSError as error:
        if not isinstance(error, BrokenPipeError):  # that reader has gone by itself, as `head` does
            reason = {"reason": error.strerror or str(error)}
            typer.echo(sentence("system_refused", _spoken(), reason), err=True)
        # what is still in the buffer goes nowhere, so that the interpreter does not try it again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run() -> int:
    try:
        code = app(standalone_mode=False)
    except OsteogaitError as error:
        typer.echo(error.message(_spoken()), err=True)
        return error.exit_code
    except typer.Exit as stop:
        return stop.exit_code
    except typer.Abort:
        return 130
    except OSError:
        raise
    except Exception as error:
        return _usage_or_crash(error)
    return code if isinstance(code, int) else 0


def _spoken() -> str:
    """The language of the command line, for errors that come before or instead of its own parsing."""
    words = " ".join(sys.argv[1:]).replace("--lang=", "--lang ").split(" ")
    given = [after for word, after in pairwise(words) if word == "--lang" and after in LANGUAGES]
    return given[-1] if given else default_language()


def _usage_or_crash(error: Exception) -> int:
    """Usage errors of the command-line library show themselves; anything else is a defect and keeps its traceback."""
    if not hasattr(error, "show"):
        raise error
    from osteogait.cli_usage import show_usage_error

    show_usage_error(error, _spoken())
    return 2


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"osteogait {version('osteogait')}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Print the version and stop."),
    ] = False,
) -> None:
    """Bone health from one lower-back sensor and what the clinic knows."""


class _MeasureCommand(TyperCommand):
    """Its help names every protocol, read only when somebody asks for help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from gaitsignal.pipeline import PROTOCOLS

        for option in self.params:
            if isinstance(option, TyperOption) and option.name == "protocol":
                option.help = ", ".join(PROTOCOLS)
        super().format_help(ctx, formatter)


@app.command(cls=_MeasureCommand)
def measure(
    recordings: Annotated[
        list[Path],
        typer.Argument(
            metavar="RECORDING...", readable=False, help="CSV, npz or sensor recordings, or folders of them"
        ),
    ],
    protocol: Annotated[str, typer.Option(help="the clinical test, such as walk")],
    height_m: Annotated[float | None, typer.Option("--height-m", help="body height in metres")] = None,
    as_json: AsJson = False,
    plot: Annotated[Path | None, typer.Option(help="draw the one recording: OUT.svg or OUT.png")] = None,
    lang: Lang = "",
) -> None:
    """Measure recordings: events, measures with units, flags by name. Several give one JSON a line."""
    from osteogait.assessment.measuring import check_height, check_protocol, measure_file, recording_files

    chosen = language(lang)
    check_protocol(protocol)
    check_height(height_m)
    recordings = recording_files(recordings)
    if plot is not None:
        from osteogait.report.trace.write import check_plot

        check_plot(plot, recordings)
    codes = []
    for path in recordings:
        document, code, reason = measure_file(path, protocol, height_m, chosen)
        codes.append(code)
        if as_json:
            print_json(document)
        else:
            from osteogait.console import print_measures

            print_measures(document, chosen)
        if reason:
            typer.echo(f"{path}: {reason}", err=True)
        if plot is not None and _drawn(path, document, plot, chosen):
            typer.echo(str(plot), err=True)
    raise typer.Exit(max(codes, key=_gravity))


def _drawn(path: Path, document: Mapping[str, Any], plot: Path, lang: str) -> bool:
    """True when the recording could be drawn; the terminal's words are loaded only for this."""
    from osteogait.console import measure_name
    from osteogait.report.trace.write import write_plot

    return write_plot(path, document, plot, lang, measure_name)


def _gravity(code: int) -> int:
    """Which exit code speaks for several recordings: a refused input before a failed gate before ok."""
    return {0: 0, 4: 1, 3: 2}.get(code, 3)


@app.command()
def assess(
    case: Annotated[
        Path, typer.Argument(metavar="CASE.yaml", readable=False, help="person, values, recordings")
    ],
    as_json: AsJson = False,
    report: Annotated[Path | None, typer.Option(help="write a report: OUT.pdf or OUT.html")] = None,
    lang: Lang = "",
) -> None:
    """Assess one person: osteoporosis status, 10-year fracture probability, fall risk, with reasons."""
    from osteogait.assessment.assess import assess_file
    from osteogait.console import print_assessment

    chosen = language(lang)
    document = assess_file(case, chosen)
    if report is not None:
        from osteogait.report.render import write_report

        write_report(document, report, chosen)
        typer.echo(str(report), err=True)
    if as_json:
        print_json(document, indent=1)
    else:
        print_assessment(document, chosen)


@app.command("assess-table")
def assess_table(
    table: Annotated[
        Path, typer.Argument(metavar="IN.csv", readable=False, help="one person a row, one header line")
    ],
    columns: Annotated[
        str, typer.Option(metavar="MAP.yaml", help="column map, or the name of a ready one (nhanes)")
    ],
    out: Annotated[Path, typer.Option(metavar="OUT.csv", help="where the probabilities go")],
    without: Annotated[list[str] | None, typer.Option(metavar="GROUP", help="hide a group of inputs")] = None,
    country: Annotated[
        str | None, typer.Option(help="whose levels hold for rows that name no country, such as CN")
    ] = None,
    detail: Annotated[
        bool,
        typer.Option("--detail", help="more columns: intervals, judgement, outside values, country, model"),
    ] = False,
    lang: Lang = "",
) -> None:
    """Assess many people at once; a bad row is refused alone, with its reason."""
    from osteogait.assessment.table import assess_rows

    chosen = language(lang)
    summary = assess_rows(table, columns, out, frozenset(without or ()), country=country, detail=detail)
    for remark in summary.remarks:
        typer.echo(remark.message(chosen), err=True)


@app.command()
def selftest(as_json: AsJson = True) -> None:
    """Check this installation: engines on golden vectors, a synthetic person through the main flow, the disk."""
    from osteogait.selftest import run_selftest

    verdict = run_selftest()
    print_json(verdict, indent=1)
    raise typer.Exit(0 if verdict["ok"] else 1)


@app.command()
def demo(
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="another number, another person")] = 1,
    out: Annotated[Path | None, typer.Option(help="folder for recordings and report")] = None,
    lang: Lang = "",
) -> None:
    """A whole screening of a simulated person: stance, walk, laboratory and bone density, report."""
    from osteogait.demo import run_demo

    run_demo(seed, out, language(lang))
