"""`osteogait doctor`: is this station well, for people and for programs that watch many boxes."""

from __future__ import annotations

import os

import typer

from osteogait.cli_options import AsJson, Lang, language, print_json
from osteogait.cli_people import DATABASE, Data
from osteogait.errors import UsageError
from osteogait.words import sentence


def doctor(data: Data = None, as_json: AsJson = False, lang: Lang = "") -> None:
    """Look at the data, audit, key, disk, clock and model of this station; nothing is mended. Exit 1 for a fault."""
    from osteogait.config import data_folder
    from osteogait.doctor import examine

    chosen = language(lang)
    if data is not None:  # models lie beside the database
        os.environ["OSTEOGAIT_DATA"] = str(data.absolute())
    database = data_folder() / DATABASE
    if not database.is_file():
        raise UsageError("no_station", folder=database.parent)
    found = examine(database)
    ok = all(one.state != "fault" for one in found)
    if as_json:
        print_json({"ok": ok, "findings": [one.to_json(chosen) for one in found]}, indent=1)
    else:
        for one in found:
            state = sentence(f"doctor_state_{one.state}", chosen, {})
            typer.echo(f"{state}  {one.message(chosen)}")
    raise typer.Exit(0 if ok else 1)
