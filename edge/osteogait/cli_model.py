"""`osteogait model`: which model answers, whether it may, how it is changed, and how a retrained one is signed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from osteogait.cli_options import AsJson, Lang, language, print_json
from osteogait.errors import ModelError, NotPermitted, Rejected
from osteogait.words import sentence

if TYPE_CHECKING:
    from osteofusion.install import Change

model_app = typer.Typer(help="The model bundle.", no_args_is_help=True)

BundleFolder = Annotated[
    Path | None, typer.Argument(metavar="[BUNDLE]", help="folder of a bundle; by default the active one")
]


@contextmanager
def _said(refused: type[ModelError | Rejected] = ModelError) -> Iterator[None]:
    """Errors of the model in the app's tree, so that they get their language and exit code."""
    from osteofusion.errors import FusionError

    try:
        yield
    except FusionError as error:
        kind = NotPermitted if error.code == "key_file_open" else refused
        raise kind("model_refused", detail=error) from error


@model_app.command()
def show(bundle: BundleFolder = None, as_json: AsJson = False, lang: Lang = "") -> None:
    """Which model this is: version, counter, who signed it, how far its data are real, its files."""
    from osteogait.model.facts import model_facts, print_facts

    chosen = language(lang)
    with _said():
        facts = model_facts(bundle)
    if as_json:
        print_json(facts, indent=1)
    else:
        print_facts(facts, chosen)


@model_app.command()
def verify(bundle: BundleFolder = None, as_json: AsJson = True, lang: Lang = "") -> None:
    """Check signature, manifest and files, then every installed engine against the golden vectors."""
    from osteogait.model.check import verify_model

    verdict = verify_model(bundle, language(lang) if lang else "en")
    print_json(verdict, indent=1)
    raise typer.Exit(0 if verdict["ok"] else 1)


@model_app.command()
def install(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="folder of a signed bundle")],
    as_json: AsJson = False,
    lang: Lang = "",
) -> None:
    """Make a signed bundle the active one, after all checks; an older one is refused, the present one is kept."""
    from osteofusion.install import install as install_bundle
    from osteogait.model.check import golden_runs
    from osteogait.model.in_use import bundles_folder, trusted

    chosen = language(lang)
    with _said(Rejected):
        change = install_bundle(bundle, bundles_folder(), trust=trusted(), golden=golden_runs, at=_now())
    _tell("model_installed" if change.changed else "model_unchanged", change, as_json, chosen)


@model_app.command()
def rollback(as_json: AsJson = False, lang: Lang = "") -> None:
    """Go back to the bundle that was active before; older counters stay refused for installing."""
    from osteofusion.install import roll_back
    from osteogait.model.check import golden_runs
    from osteogait.model.in_use import bundles_folder, trusted

    chosen = language(lang)
    with _said():
        change = roll_back(bundles_folder(), trust=trusted(), golden=golden_runs, at=_now())
    _tell("model_rolled_back", change, as_json, chosen)


@model_app.command()
def sign(
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="private key (PEM); never printed")],
    bundle: Annotated[
        Path | None, typer.Argument(metavar="[BUNDLE]", help="folder of a bundle; by default the shipped one")
    ] = None,
    counter: Annotated[
        int | None, typer.Option(min=0, max=2**31 - 1, help="another counter: higher than any in use")
    ] = None,
    lang: Lang = "",
) -> None:
    """Sign a bundle: its manifest is written where it does not fit the files, then manifest.sig."""
    from osteofusion.bundle import set_counter, write_manifest
    from osteofusion.bundle import sign as sign_bundle
    from osteofusion.private_key import read_private_key
    from osteofusion.schema import default_bundle

    chosen = language(lang)
    folder = bundle or default_bundle()
    with _said(Rejected):
        private = read_private_key(key)
        if counter is not None:
            set_counter(folder, counter)
        manifest = write_manifest(folder)
        signature = sign_bundle(folder, private)
    fields = {"id": manifest.id, "version": manifest.version, "counter": manifest.counter}
    typer.echo(sentence("model_signed", chosen, fields | {"key": signature.key_id, "path": str(folder)}))


@model_app.command("new-key")
def new_key(
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="where the private key goes (a new file)")
    ],
    name: Annotated[str, typer.Option("--name", help="whose key it is, as people will read it")],
    use: Annotated[str, typer.Option("--use", help="development or release")] = "release",
    model: Annotated[str, typer.Option("--model", help="id of the model that it may sign")] = "osteofusion",
    lang: Lang = "",
) -> None:
    """Make a key for signing; its public half, a file for the folder of trusted keys, goes to standard output."""
    from osteofusion.private_key import new_private_key, public_entry
    from osteofusion.trust_list import USES

    chosen = language(lang)
    if use not in USES:
        raise typer.BadParameter(f"{use} is not {' or '.join(USES)}", param_hint="--use")
    with _said(Rejected):
        private = new_private_key(out)
    typer.echo(public_entry(private, name, use, model, _now()[:10]), nl=False)
    typer.echo(sentence("model_key_made", chosen, {"path": str(out)}), err=True)


def _tell(code: str, change: Change, as_json: bool, lang: str) -> None:
    """What is active now, and how the engines did."""
    from osteogait.model.check import identity, verdict_fields

    if as_json:
        engines = [verdict_fields(verdict) for verdict in change.engines]
        print_json(
            {"changed": change.changed, "bundle": identity(change.bundle), "engines": engines}, indent=1
        )
        return
    bundle = change.bundle
    fields: dict[str, Any] = {"id": bundle.id, "version": bundle.version, "counter": bundle.counter}
    typer.echo(sentence(code, lang, fields | {"path": str(change.active)}))
    for verdict in change.engines:
        words = {"engine": verdict.engine, "version": verdict.version, "reason": verdict.reason}
        typer.echo(sentence("engine_passed" if verdict.passed else "engine_refused", lang, words))


def _now() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).isoformat(timespec="seconds")
