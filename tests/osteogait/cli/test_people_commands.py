"""`osteogait users` and `osteogait audit`, on the data of a station."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from osteogait.cli_people import audit_app, users_app
from osteogait.clinic.roles import Role
from osteogait.errors import CaseError, UsageError
from osteogait.storage.accounts import Accounts
from osteogait.storage.audit import Audit
from osteogait.storage.sessions import Sessions
from osteogait.storage.store import Store

OLD, NEW = "a sentence nobody uses", "another sentence altogether"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Store.open(tmp_path / "osteogait.sqlite") as store:
        accounts, audit = Accounts(store), Audit(store)
        mei = accounts.add("mei", "梅 Mei", Role.OWNER, OLD, "box")
        accounts.set_pin(mei.id, "2580")
        accounts.add("bo", "Li Bo", Role.THERAPIST, OLD, mei.id)
        for number in range(4):
            audit.add(mei.id, "view", f"person:{number}")
    return tmp_path


def _run(app: object, folder: Path, *words: str, typed: str = "", lang: str = "en") -> Result:
    command = [*words, "--data", str(folder), "--lang", lang]
    return CliRunner().invoke(app, command, input=typed)  # type: ignore[arg-type]


def test_everybody_with_access_is_listed(folder: Path) -> None:
    with Store.open(folder / "osteogait.sqlite") as store:
        accounts = Accounts(store)
        accounts.set_active(next(one.id for one in accounts.all() if one.name == "bo"), False)
    said = _run(users_app, folder, "list").stdout.splitlines()
    assert said == ["mei  owner  梅 Mei", "bo  therapist  Li Bo  (switched off)"]
    lines = _run(users_app, folder, "list", "--json").stdout.splitlines()
    assert [(one["name"], one["active"]) for one in map(json.loads, lines)] == [("mei", True), ("bo", False)]


def test_a_forgotten_password_is_replaced_and_every_screen_signed_out(folder: Path) -> None:
    with Store.open(folder / "osteogait.sqlite") as store:
        mei = Accounts(store).by_name("mei")
        assert mei is not None
        token, _ = Sessions(store).begin(mei, mei.role, "staff")
    done = _run(users_app, folder, "reset-password", "mei", typed=f"{NEW}\n")
    assert done.exit_code == 0, done.output
    assert NEW not in done.output
    with Store.open(folder / "osteogait.sqlite") as store:
        accounts = Accounts(store)
        assert accounts.check_password("mei", OLD, "here") is None
        found = accounts.check_password("mei", NEW, "here")
        assert found is not None
        assert not found.has_pin
        assert Sessions(store).find(token) is None
        (event,) = Audit(store).rows(1, None)
        assert (event.actor, event.action, event.object) == ("machine", "change", f"account:{mei.id}")
        assert Audit(store).verify().ok


def test_a_weak_password_changes_nothing(folder: Path) -> None:
    done = _run(users_app, folder, "reset-password", "mei", typed="short\n")
    assert isinstance(done.exception, CaseError)
    with Store.open(folder / "osteogait.sqlite") as store:
        assert Accounts(store).check_password("mei", OLD, "here") is not None
        assert Audit(store).verify().rows == 4


def test_an_unknown_name_tells_the_known_ones(folder: Path) -> None:
    done = _run(users_app, folder, "reset-password", "may", typed=f"{NEW}\n", lang="zh")
    assert isinstance(done.exception, UsageError)
    assert "mei, bo" in done.exception.message("zh")


def test_whoever_is_switched_off_stays_so_and_is_told(folder: Path) -> None:
    with Store.open(folder / "osteogait.sqlite") as store:
        accounts = Accounts(store)
        accounts.set_active(next(one.id for one in accounts.all() if one.name == "bo"), False)
    done = _run(users_app, folder, "reset-password", "bo", typed=f"{NEW}\n")
    assert "switched off" in done.stderr
    with Store.open(folder / "osteogait.sqlite") as store:
        assert Accounts(store).check_password("bo", NEW, "here") is None


@pytest.mark.parametrize("command", [(users_app, "list"), (audit_app, "verify")])
def test_no_station_is_made_where_there_is_none(tmp_path: Path, command: tuple[object, str]) -> None:
    done = _run(command[0], tmp_path, command[1])
    assert isinstance(done.exception, UsageError)
    assert str(tmp_path) in done.exception.message("en")
    assert list(tmp_path.iterdir()) == []


def test_a_whole_chain_is_said_to_be_whole_with_its_head(folder: Path) -> None:
    done = _run(audit_app, folder, "verify", "--json")
    facts = json.loads(done.stdout)
    assert (done.exit_code, facts["ok"], facts["rows"], facts["lost"]) == (0, True, 4, [])
    said = _run(audit_app, folder, "verify", lang="zh").stdout
    assert facts["head"] in said
    assert "完整" in said


def test_a_changed_row_is_named(folder: Path) -> None:
    with sqlite3.connect(folder / "osteogait.sqlite") as database:
        database.execute("UPDATE audit SET actor = 'somebody else' WHERE seq = 2")
    database.close()
    done = _run(audit_app, folder, "verify")
    assert done.exit_code == 1
    assert "number 2" in done.stdout


def test_a_tail_cut_off_shows_against_a_head_written_down(folder: Path) -> None:
    head = json.loads(_run(audit_app, folder, "verify", "--json").stdout)["head"]
    assert _run(audit_app, folder, "verify", "--head", head.upper()).exit_code == 0
    with sqlite3.connect(folder / "osteogait.sqlite") as database:
        database.execute("DELETE FROM audit WHERE seq = 4")
    database.close()
    done = _run(audit_app, folder, "verify", "--head", head)
    assert done.exit_code == 1
    assert head in done.stdout


def test_naming_the_commands_loads_no_database_library() -> None:
    program = "import sys, osteogait.cli_people; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
