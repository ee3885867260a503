"""`osteogait backup`, `restore` and `key`, as whoever owns the machine types them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from osteogait.cli_backup import backup, key_app, restore
from osteogait.errors import CaseError, OsteogaitError, StoreError, UsageError
from osteogait.storage.audit import Audit
from osteogait.storage.identities import Identities
from osteogait.storage.identity import Identity
from osteogait.storage.store import Store

APP = typer.Typer()
APP.command()(backup)
APP.command()(restore)
APP.add_typer(key_app, name="key")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    with Store.open(made / "osteogait.sqlite") as store:
        person = store.add_person(birth_year=1950, sex="female")
        Identities(store, made / "identity.key").put(person, Identity("王秀兰"))
    return made


def _run(*words: object, data: Path, typed: str = "", lang: str = "en") -> Result:
    command = [*map(str, words), "--data", str(data), "--lang", lang]
    return CliRunner().invoke(APP, command, input=typed)


def _code(result: Result, kind: type[OsteogaitError]) -> str:
    assert isinstance(result.exception, kind), result.output
    return result.exception.code


def test_a_burnt_box_comes_back_from_the_stick_and_the_paper(folder: Path, tmp_path: Path) -> None:
    shown = _run("key", "show", data=folder)
    paper = shown.stdout.strip().splitlines()[-1]
    done = _run("backup", tmp_path, "--json", data=folder)
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout.splitlines()[0])
    assert facts["missing"] == []
    back = _run("restore", facts["path"], "--json", data=tmp_path / "new", typed=f"{paper}\n")
    assert back.exit_code == 0, back.output
    assert json.loads(back.stdout)["people"] == 1
    with Store.open(tmp_path / "new" / "osteogait.sqlite") as store:
        (known,) = Identities(store, tmp_path / "new" / "identity.key").all().values()
        assert known.name == "王秀兰"
        told = [(event.action, event.object) for event in Audit(store).rows(3, None)]
        assert told == [("change", "database"), ("export", "database"), ("export", "identity key")]
        assert Audit(store).contains(facts["head"])


def test_a_lost_key_is_typed_in_again(folder: Path) -> None:
    paper = _run("key", "show", data=folder).stdout.strip().splitlines()[-1]
    assert re.fullmatch(r"(?:\w{4}-){13}\w{4}", paper)
    (folder / "identity.key").unlink()
    assert _code(_run("key", "show", data=folder), StoreError) == "identity_key_missing"
    assert _code(_run("key", "restore", data=folder, typed="WRONG\n"), CaseError) == "key_code_wrong"
    done = _run("key", "restore", data=folder, typed=f"{paper.lower()}\n", lang="zh")
    assert done.exit_code == 0, done.output
    assert "密钥已恢复" in done.output
    assert paper not in done.output
    assert _code(_run("key", "restore", data=folder, typed=f"{paper}\n"), StoreError) == "key_is_there"


@pytest.mark.parametrize(("lang", "word"), [("en", "Keep this head"), ("zh", "另行保存")])
def test_what_was_done_is_said_in_both_languages(folder: Path, tmp_path: Path, lang: str, word: str) -> None:
    done = _run("backup", tmp_path, data=folder, lang=lang)
    assert word in done.output
    (made,) = tmp_path.glob("*.backup")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "identity.key").write_bytes((folder / "identity.key").read_bytes())
    back = _run("restore", made, data=tmp_path / "new", lang=lang)
    assert back.exit_code == 0, back.output
    assert ("erased" in back.output) or ("被删除" in back.output)


def test_what_cannot_be_done_is_said(folder: Path, tmp_path: Path) -> None:
    assert _code(_run("backup", tmp_path / "nowhere", data=folder), UsageError) == "backup_no_folder"
    assert _code(_run("backup", tmp_path, data=tmp_path), UsageError) == "no_station"
    _run("backup", tmp_path, data=folder)
    (made,) = tmp_path.glob("*.backup")
    assert _code(_run("restore", made, data=folder), StoreError) == "restore_not_empty"
    typed = "\n"
    assert _code(_run("restore", made, data=tmp_path / "new", typed=typed), CaseError) == "key_code_wrong"
