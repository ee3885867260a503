"""`osteogait sensors`: find sensors, check and record them, go through recordings again, read captured bytes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from osteogait.cli_options import AsJson, Lang, language, print_json
from osteogait.errors import DeviceNotFound, UsageError
from osteogait.words import sentence

if TYPE_CHECKING:
    from osteogait.acquire.summary import RecordingSummary
    from osteogait.radio.sighting import Sighting
    from osteogait.sensors.asked import Asked
    from osteogait.sensors.progress import Progress
    from osteogait.sensors.stop import Stop
    from osteogait.sensors.trial import Kept

LONGEST_S = 86400.0
sensors_app = typer.Typer(help="Find, check and record the sensors on the body.", no_args_is_help=True)

Sensors = Annotated[
    list[str] | None,
    typer.Option(
        "--sensor", metavar="ADDRESS", help="its Bluetooth address or name; several times for several"
    ),
]
Simulate = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORDS", help="no sensor: a simulated person, such as walk,60s,drop=20/3 (docs/sensors.md)"
    ),
]
Axes = Annotated[
    str,
    typer.Option(
        help="where the sensor's x, y, z point as worn, such as up,right,forward; else from gravity"
    ),
]


@sensors_app.callback()
def sensors() -> None:
    """Find, check and record the sensors on the body.

    Usual order: scan, check, record; then `osteogait measure FOLDER`. Without a sensor: --simulate walk.
    """


@sensors_app.command()
def scan(
    seconds: Annotated[float, typer.Option(help="seconds to listen")] = 5.0,
    everything: Annotated[bool, typer.Option("--all", help="also devices that are no known sensor")] = False,
    as_json: AsJson = False,
    lang: Lang = "",
) -> None:
    """List the sensors that can be heard, the strongest first. JSON: one object a line."""
    from osteogait.sensors import stop, told

    chosen = language(lang)
    _check_seconds(seconds)
    typer.echo(sentence("sensors_scanning", chosen, {"seconds": seconds}), err=True)
    heard, _ = stop.run(lambda _: _listen(seconds))
    known = [one for one in heard if one.model is not None]
    shown = heard if everything else known
    for one, line in zip(shown, told.sightings(shown, chosen), strict=True):
        if as_json:
            print_json(told.sighting_json(one))
        else:
            typer.echo(line)
    if not known:
        raise DeviceNotFound("sensors_nothing_heard", seconds=seconds, others=len(heard))


async def _listen(seconds: float) -> tuple[Sighting, ...]:
    from osteogait.config import configuration
    from osteogait.radio.bluetooth import Bluetooth

    return await Bluetooth(configuration().bluetooth.adapter).scan(seconds)


@sensors_app.command()
def check(
    sensor: Sensors = None,
    simulate: Simulate = None,
    seconds: Annotated[
        float, typer.Option(help="seconds to listen; the person stands still, then steps")
    ] = 8.0,
    site: Annotated[str, typer.Option(help="where it is worn: lower_back, left_foot, ...")] = "lower_back",
    axes: Axes = "",
    as_json: AsJson = False,
    lang: Lang = "",
) -> None:
    """See whether a sensor is fit for a test and worn rightly; nothing is kept. JSON: one object a sensor and line."""
    from osteogait.acquire.setup_check import check as check_sensor
    from osteogait.acquire.worn import Worn
    from osteogait.sensors import progress, stop, told

    chosen = language(lang)
    _check_seconds(seconds)
    turned, codes = _axes(axes), list[int]()
    screen = progress.Progress(chosen, seconds)

    async def look(_: Stop) -> None:
        for one in await _asked(sensor, simulate, None):
            screen.say(sentence("sensors_check_how", chosen, {}))
            worn = Worn(site, turned or one.axes)
            checked = await check_sensor(one.source, seconds=seconds, worn=worn, on_event=screen.event)
            codes.append(checked.error.exit_code if checked.error else 0 if checked.ready else 4)
            if as_json:
                print_json({**checked.to_json(chosen), "address": one.address})
            else:
                for line in told.findings(checked, chosen):
                    typer.echo(line)

    stop.run(look)
    raise typer.Exit(max(codes))


@sensors_app.command()
def record(  # noqa: PLR0913, PLR0917 - a command has as many options as people need
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="folder for the recordings, made if need be")],
    sensor: Sensors = None,
    simulate: Simulate = None,
    seconds: Annotated[
        float | None, typer.Option(help="seconds of the test; without it until Ctrl-C")
    ] = None,
    site: Annotated[
        list[str] | None,
        typer.Option(help="where it is worn: lower_back (default), left_foot, ...; once a sensor"),
    ] = None,
    axes: Axes = "",
    height_m: Annotated[float | None, typer.Option("--height-m", help="body height in metres")] = None,
    rate_hz: Annotated[
        float | None,
        typer.Option("--rate", help="samples a second, where a sensor has several rates"),
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="also show steps and cadence while it records")
    ] = False,
    as_json: AsJson = False,
    lang: Lang = "",
) -> None:
    """Record a test with one sensor or several; the folder then goes into `osteogait measure`.

    JSON: one object a sensor and line. Ctrl-C ends the test and keeps what was recorded.
    """
    from osteogait.assessment.measuring import check_height
    from osteogait.devices.driver import Settings
    from osteogait.sensors import stop, trial
    from osteogait.sensors.progress import Progress

    chosen, turned = language(lang), _axes(axes)
    _check_seconds(seconds)
    check_height(height_m)
    _check_named(sensor, simulate)
    folder, screen = trial.new_folder(out), Progress(chosen, seconds, live=live)
    cut = trial.left_behind(folder)
    if cut:
        screen.say(sentence("sensors_left_behind", chosen, {"count": cut, "folder": str(folder)}))

    async def work(stopping: Stop) -> tuple[Kept, ...]:
        asked = await _asked(sensor, simulate, seconds)
        if len(asked) > trial.MOST:
            screen.say(sentence("sensors_many", chosen, {"count": len(asked), "most": trial.MOST}))
        for alone in trial.not_comparable(asked):
            screen.say(sentence("session_not_alignable", chosen, {"sensor": alone}))
        screen.expect(max((one.seconds or 0.0 for one in asked), default=0.0) or None)
        worn = trial.worn_by(asked, site or [], turned, height_m)
        settings = None if rate_hz is None else Settings(rate_hz=rate_hz)
        return await trial.take(asked, seconds, folder, worn, screen, stopping.add, settings)

    kept, signalled = stop.run(work)
    if signalled:
        screen.say(sentence("sensors_stopped", chosen, {}))
    _report(kept, folder, as_json, chosen, screen)
    raise typer.Exit(signalled or max(one.exit_code for one in kept))


@sensors_app.command()
def replay(
    place: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="the folder of a recording, or one .ogrec file")
    ],
    speed: Annotated[float | None, typer.Option(help="1 is real time; without it at once")] = None,
    as_json: AsJson = False,
    lang: Lang = "",
) -> None:
    """Work through finished recordings once more, as if the sensor were there; the same figures come out."""
    import math

    from osteogait.acquire.replaying import replay as play
    from osteogait.sensors import stop, told, trial
    from osteogait.sensors.progress import Progress

    chosen, codes = language(lang), list[int]()
    if speed is not None and not 0.0 < speed < math.inf:
        raise UsageError("sensors_speed", found=speed)
    screen = Progress(chosen, None)
    for path in trial.recordings(place):

        async def again(_: Stop, path: Path = path) -> RecordingSummary:
            return await play(path, speed=speed or math.inf, on_event=screen.event)

        summary, _ = stop.run(again)
        codes.append(trial.REPEAT if summary.verdict == "repeat" else 0)
        if as_json:
            print_json(summary.to_json())
        else:
            typer.echo(told.kept(summary, chosen))
    raise typer.Exit(max(codes))


@sensors_app.command()
def unfinished(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="the folder given to `record --out`")],
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="keep this one as partial; once for each file",
        ),
    ] = None,
    as_json: AsJson = False,
    lang: Lang = "",
) -> None:
    """List recordings that a crash or power cut ended, and keep them as partial. Nothing is ever deleted."""
    from osteogait.sensors import told
    from osteogait.sensors.left import keep_partial, left
    from osteogait.sensors.trial import recordings

    chosen = language(lang)
    recordings(folder)
    for name in keep or []:
        note = keep_partial(folder, name)
        typer.echo(sentence("sensors_kept_partial", chosen, {"file": name}), err=True)
        if note is not None:
            typer.echo(note.message(chosen), err=True)
    found = left(folder)
    for one, busy in found:
        if as_json:
            print_json(told.cut_off_json(one, busy))
        elif busy:
            typer.echo(sentence("sensors_in_progress", chosen, {"file": one.path.name}))
        else:
            typer.echo(told.cut_off(one, chosen))
    if not found:
        typer.echo(sentence("sensors_none_cut_off", chosen, {"folder": str(folder)}), err=True)


@sensors_app.command()
def decode(lang: Lang = "") -> None:
    """Decode captured packets: JSON lines in on standard input, JSON lines out, each with values or `error`.

    The fields of a line and examples: docs/sensors.md.
    """
    from osteogait.captures.decode import decode_line, read_lines

    chosen, lines = language(lang), 0
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    for line in read_lines(sys.stdin):
        print_json(decode_line(line, chosen))
        lines += 1
    if not lines:
        raise UsageError("capture_nothing")


def _report(kept: tuple[Kept, ...], folder: Path, as_json: bool, lang: str, screen: Progress) -> None:
    """What became of each sensor, on standard output; what to do about it, unless that was said, on standard error."""
    from osteogait.sensors import told

    for one in kept:
        summary, error = one.taken.summary, one.taken.error
        if as_json:
            print_json(one.to_json(lang))
        elif summary is not None:
            typer.echo(told.kept(summary, lang))
        for note in (error, one.note):
            if note is not None and not screen.has_said(note):
                typer.echo(note.message(lang), err=True)
        if error is not None and one.is_cut_off(folder):
            fields = {"sensor": one.taken.sensor, "folder": str(folder)}
            typer.echo(sentence("sensors_partial", lang, fields), err=True)
    if any(one.csv and one.exit_code == 0 for one in kept):
        typer.echo(sentence("sensors_next", lang, {"folder": str(folder)}), err=True)


async def _asked(
    sensor: list[str] | None, simulate: list[str] | None, seconds: float | None
) -> tuple[Asked, ...]:
    from osteogait.sensors.asked import over_bluetooth, simulated_people

    _check_named(sensor, simulate)
    return simulated_people(simulate, seconds) if simulate else await over_bluetooth(sensor or [])


def _check_named(sensor: list[str] | None, simulate: list[str] | None) -> None:
    if sensor and simulate:
        raise UsageError("sensors_both_named")
    if not sensor and not simulate:
        raise UsageError("sensors_none_named")


def _check_seconds(seconds: float | None) -> None:
    if seconds is not None and not 0.0 < seconds <= LONGEST_S:
        raise UsageError("sensors_seconds", found=seconds)


def _axes(text: str) -> tuple[str, str, str] | None:
    """The three directions; None when nothing is said."""
    if not text:
        return None
    from gaitsignal.readers.axes import axes_rotation

    try:
        x, y, z = text.replace(" ", "").split(",")
        axes_rotation((x, y, z))
    except (ValueError, KeyError):
        raise UsageError("sensors_axes", found=text) from None
    return x, y, z
