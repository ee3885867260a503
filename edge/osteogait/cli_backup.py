"""`osteogait backup`, `restore` and `key`: what whoever owns the machine does against fire, theft and broken disks."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from osteogait.cli_options import AsJson, Lang, language, print_json
from osteogait.cli_people import MACHINE, Data, opened_store, typed
from osteogait.errors import StoreError, UsageError
from osteogait.words import sentence

key_app = typer.Typer(help="The key that opens names, files and backups.", no_args_is_help=True)


def backup(
    target: Annotated[Path, typer.Argument(metavar="FOLDER", help="where to, for example a memory stick")],
    data: Data = None,
    as_json: AsJson = False,
    lang: Lang = "",
) -> None:
    """A sealed copy of everything in one file; the station may go on working. Exit 1 when a file was missing."""
    from osteogait.storage.audit import Audit
    from osteogait.storage.backup import back_up

    chosen = language(lang)
    if not target.is_dir():
        raise UsageError("backup_no_folder", folder=target)
    with opened_store(data) as store:
        made = back_up(store, Audit(store), target, MACHINE)
    if as_json:
        print_json({**asdict(made), "path": str(made.path)})
    else:
        typer.echo(sentence("backup_done", chosen, asdict(made)))
    for name in made.missing:
        typer.echo(sentence("backup_missing", chosen, {"name": name}), err=True)
    typer.echo(sentence("backup_needs_the_code", chosen, {}), err=True)
    raise typer.Exit(1 if made.missing else 0)


def restore(
    file: Annotated[
        Path, typer.Argument(metavar="BACKUP", exists=True, dir_okay=False, help="the file that backup made")
    ],
    data: Data = None,
    as_json: AsJson = False,
    lang: Lang = "",
) -> None:
    """The station of a backup in an empty folder; its key is asked for, or one line on standard input."""
    from osteogait.config import data_folder
    from osteogait.storage.key_code import key_of
    from osteogait.storage.restore import restore as restore_backup
    from osteogait.storage.site_key import FILE

    chosen, folder = language(lang), data or data_folder()
    kept = folder / FILE
    key = kept.read_bytes() if kept.is_file() else key_of(typed("key_ask", chosen))
    found = restore_backup(file, folder, key, MACHINE)
    if as_json:
        print_json({**asdict(found), "folder": str(folder)})
        return
    facts = {**asdict(found), "folder": folder}
    typer.echo(sentence("restore_done", chosen, facts))
    typer.echo(sentence("restore_erased", chosen, facts))


@key_app.callback()
def key() -> None:
    """The key that opens names, files and backups."""


@key_app.command()
def show(data: Data = None, lang: Lang = "") -> None:
    """The key as letters and digits, to be written on paper; stands in the audit."""
    from osteogait.storage.audit import Audit
    from osteogait.storage.key_code import code_of

    chosen = language(lang)
    with opened_store(data) as store:
        code = code_of(store.site_key.key)
        Audit(store).add(MACHINE, "export", "identity key")
    typer.echo(sentence("key_show", chosen, {}), err=True)
    typer.echo(code)


@key_app.command("restore")
def restore_key(data: Data = None, lang: Lang = "") -> None:
    """A lost key is put back from paper: it is asked for, or one line on standard input."""
    from osteogait.storage.audit import Audit
    from osteogait.storage.key_code import key_of, put_back

    chosen = language(lang)
    with opened_store(data) as store:
        if store.site_key.file.exists():
            raise StoreError("key_is_there", file=store.site_key.file)
        put_back(store, key_of(typed("key_ask", chosen)))
        Audit(store).add(MACHINE, "change", "identity key", what="restored")
        typer.echo(sentence("key_restored", chosen, {"file": store.site_key.file}))
