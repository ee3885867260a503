"""A power cut while people are screened: every step whole or not at all, none lost that was acknowledged."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from powercut_disk import Disk, lay_out
from powercut_store_writer import (
    DOCTOR,
    PEOPLE,
    STAFF,
    YEAR,
    Box,
    assessment_of,
    document_of,
    mark_of,
    name_of,
)
from powercut_trace import CALLS, Call, calls
from sqlalchemy import select

from osteogait.errors import StoreError
from osteogait.storage.access_tables import AccountRow, SessionRow
from osteogait.storage.accounts import Accounts
from osteogait.storage.consents import Consents
from osteogait.storage.settings import Settings
from osteogait.storage.signatures import Signatures
from osteogait.storage.trials import Trials

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
ACK = re.compile(r"ACK (\d+)")
MEMORY = Path("/dev/shm")
EACH = 5
"""Steps a person; after them somebody is hired, a consent is withdrawn, the first person is erased."""
HIRED, WITHDRAWN, STEPS = (EACH * PEOPLE + after for after in (1, 2, 3))
EVERY_WHILE_MADE = 40
"""While the database itself is made nobody is in it yet: a sample of its calls is enough."""


@dataclass(slots=True)
class Tally:
    """What became of all different states tried."""

    seen: set[int] = field(default_factory=set)
    unreadable: int = 0
    corrupt: int = 0
    lost: int = 0
    back: int = 0
    """Something of the person erased was on the disk again."""

    @property
    def faults(self) -> int:
        """Of any kind."""
        return self.unreadable + self.corrupt + self.lost + self.back


def traced(broken: str, folder: Path) -> tuple[list[Call | str], str]:
    """The calls of all steps, and the folder they were made in."""
    out, disk = folder / "trace", folder / "disk"
    disk.mkdir()
    writer = Path(__file__).with_name("powercut_store_writer.py")
    command = ["strace", "-f", "-y", "-xx", "-s", "1000000", "-o", str(out), "-e", f"trace={CALLS}"]
    subprocess.run([*command, sys.executable, str(writer), str(disk), broken], check=True)
    return list(calls(out.read_text(), disk)), str(disk)


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        yield Path(name)


def cut(
    trace: list[Call | str], root: str, folder: Path, *, after: int = 0, enough: float = math.inf
) -> Tally:
    """Cut after every call; `after`: only once so many steps were acknowledged; `enough`: until so many faults."""
    tally, disk, acknowledged, begun = Tally(), Disk(strict=True), 0, False
    for number, call in enumerate(trace):
        if isinstance(call, str):
            acknowledged = int(ack[1]) if (ack := ACK.match(call)) else acknowledged
            begun = begun or call == "READY"
        else:
            disk.do(call)
        if tally.faults > enough:
            break
        if acknowledged < after or (not begun and number % EVERY_WHILE_MADE):
            continue
        for state in disk.states(number):
            mark = hash((acknowledged, *sorted(state.items())))
            if mark not in tally.seen:
                tally.seen.add(mark)
                lay_out(state, folder, root)
                judge(folder, tally, acknowledged, begun=begun)
    return tally


def judge(folder: Path, tally: Tally, acknowledged: int, *, begun: bool) -> None:
    """Open the store as the app does after an unclean stop, and look at everybody in it."""
    if acknowledged == STEPS:
        held = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
        uploads = list(folder.glob("documents/*"))
        tally.back += mark_of(0).encode() in held or len(uploads) > PEOPLE - 1
    try:
        box = Box(folder)
    except StoreError:
        tally.unreadable += begun
        return
    try:
        done = len(box.audit.rows(None, None))
        tally.lost += done < acknowledged
        tally.corrupt += done > acknowledged + 1 or not whole(box, done)
    except StoreError:
        tally.corrupt += 1
    finally:
        box.store.close()


def whole(box: Box, done: int) -> bool:
    """Whether exactly what the first `done` steps did is there, as they did it."""
    erased = done == STEPS
    expected = {number: min(EACH, done - EACH * number) for number in range(PEOPLE) if done > EACH * number}
    people = {person.birth_year - YEAR: person.id for person in box.store.people()}
    if erased:
        del expected[0]
    return (
        box.audit.verify().ok
        and people.keys() == expected.keys()
        and staff(box) == [(STAFF, STAFF, True)] * (done >= HIRED)
        and withdrawn(box) == [people[PEOPLE - 1] for _ in range(done >= WITHDRAWN)]
        and all(went_as_far(box, number, people[number], steps) for number, steps in expected.items())
    )


def staff(box: Box) -> list[tuple[str, str, bool]]:
    """Who was hired: the name, what they chose, and whether their session and password are there."""
    accounts, settings = [one for one in Accounts(box.store).all() if one.name != DOCTOR], Settings(box.store)
    with box.store.session() as session:
        begun = set(session.scalars(select(SessionRow.account_id)))
        kept = {row.id: row.password for row in session.scalars(select(AccountRow))}
    return [
        (one.name, settings.get(one.name, None), one.id in begun and kept[one.id].startswith("$argon2id$"))
        for one in accounts
    ]


def withdrawn(box: Box) -> list[str]:
    """Whose consent was withdrawn."""
    return [one.id for one in box.store.people() if not Consents(box.store).of(one.id)["test"].holds]


def went_as_far(box: Box, number: int, person: str, steps: int) -> bool:
    """Whether of this person the first `steps` are there, and nothing of the others."""
    store, known = box.store, box.identities.get(person)
    acts = [act for result in store.results_of(person) for act in Signatures(store).of(result.id)]
    consent = Consents(store).of(person)["test"]
    return (
        known is not None
        and (known.name, consent.signer) == (name_of(number), name_of(number))
        and [trial.measures for trial in Trials(store).of_person(person)]
        == [{"usable": True, "measures": {mark_of(number): 1.0}}] * (steps >= 2)
        and [box.documents.read(one) for one in box.documents.of(person)]
        == [document_of(number)] * (steps >= 3)
        and [value.value for value in store.values_of(person)] == [50.0 + number] * (steps >= 3)
        and [one.assessment for one in store.results_of(person)] == [assessment_of(number)] * (steps >= 4)
        and [act.kind for act in acts] == ["sign"] * (steps >= 5)
    )


def test_a_cut_leaves_whole_steps_and_loses_none_acknowledged(tmp_path: Path, folder: Path) -> None:
    trace, root = traced("none", tmp_path)
    assert trace[-1] == f"ACK {STEPS}"
    tally = cut(trace, root, folder)
    assert len(tally.seen) > 500
    assert tally.faults == 0, tally


def test_without_the_syncs_the_same_test_is_red(tmp_path: Path, folder: Path) -> None:
    tally = cut(*traced("sync", tmp_path), folder, enough=20)
    assert tally.faults > 20, tally


def test_what_is_erased_comes_back_when_its_deletion_is_not_synced(tmp_path: Path, folder: Path) -> None:
    tally = cut(*traced("erase", tmp_path), folder, after=STEPS)
    assert tally.back > 0
    assert (tally.unreadable, tally.corrupt, tally.lost) == (0, 0, 0), tally
