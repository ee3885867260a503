"""A power cut while the store keeps screenings: whole people or none, and none lost that was acknowledged."""

from __future__ import annotations

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
from powercut_store_writer import PEOPLE, YEAR, assessment_of, document_of, name_of
from powercut_trace import CALLS, Call, calls

from osteogait.errors import StoreError
from osteogait.storage.audit import Audit
from osteogait.storage.consents import Consents
from osteogait.storage.documents import Documents
from osteogait.storage.identities import Identities
from osteogait.storage.store import Store
from osteogait.storage.trials import Trials

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
ACK = re.compile(r"ACK (\d+)")
MEMORY = Path("/dev/shm")
EVERY_WHILE_MADE = 40
"""While the database itself is made nobody is in it yet: a sample of its calls is enough."""


@dataclass(slots=True)
class Tally:
    """What became of all different states tried."""

    seen: set[int] = field(default_factory=set)
    unreadable: int = 0
    corrupt: int = 0
    lost: int = 0


def traced(broken: str, folder: Path) -> list[Call | str]:
    out, disk = folder / "trace", folder / "disk"
    disk.mkdir()
    writer = Path(__file__).with_name("powercut_store_writer.py")
    command = ["strace", "-f", "-y", "-xx", "-s", "1000000", "-o", str(out), "-e", f"trace={CALLS}"]
    subprocess.run([*command, sys.executable, str(writer), str(disk), broken], check=True)
    return list(calls(out.read_text(), disk))


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        yield Path(name)


def cut(trace: list[Call | str], folder: Path) -> Tally:
    tally, disk, acknowledged, begun = Tally(), Disk(strict=True), 0, False
    for number, call in enumerate(trace):
        if isinstance(call, str):
            acknowledged = int(ack[1]) if (ack := ACK.match(call)) else acknowledged
            begun = begun or call == "READY"
            continue
        disk.do(call)
        if not begun and number % EVERY_WHILE_MADE:
            continue
        for state in disk.states(number):
            mark = hash((acknowledged, *sorted(state.items())))
            if mark not in tally.seen:
                tally.seen.add(mark)
                lay_out(state, folder)
                judge(folder, tally, acknowledged, begun=begun)
    return tally


def judge(folder: Path, tally: Tally, acknowledged: int, *, begun: bool) -> None:
    """Open the store as the app does after an unclean stop, and look at everybody in it."""
    try:
        with Store.open(folder / "osteogait.sqlite") as store:
            people = store.people()
            tally.corrupt += not _whole(store, folder)
    except StoreError:
        tally.unreadable += begun
        return
    tally.lost += len(people) < acknowledged


def _whole(store: Store, folder: Path) -> bool:
    """Whether everybody there is there with everything, exactly as it was kept."""
    identities, documents = Identities(store, folder / "identity.key"), Documents(store, folder)
    if not Audit(store).verify().ok:
        return False
    for number, person in enumerate(store.people()):
        (result,), (document,) = store.results_of(person.id), documents.of(person.id)
        (trial,), (value,) = Trials(store).of_person(person.id), store.values_of(person.id)
        known = identities.get(person.id)
        whole = (
            person.birth_year == YEAR + number
            and known is not None
            and known.name == name_of(number)
            and Consents(store).held(person.id) == {"test"}
            and result.assessment == assessment_of(number)
            and documents.read(document) == document_of(number)
            and (trial.state, value.value) == ("skipped", 50.0 + number)
        )
        if not whole:
            return False
    return len(Audit(store).rows(None, None)) == len(store.people())


def test_a_cut_leaves_whole_people_and_loses_none_acknowledged(tmp_path: Path, folder: Path) -> None:
    trace = traced("none", tmp_path)
    assert trace[-1] == f"ACK {PEOPLE}"
    tally = cut(trace, folder)
    assert len(tally.seen) > 100
    assert (tally.unreadable, tally.corrupt, tally.lost) == (0, 0, 0), tally


def test_without_the_syncs_the_same_test_is_red(tmp_path: Path, folder: Path) -> None:
    tally = cut(traced("sync", tmp_path), folder)
    assert tally.unreadable + tally.corrupt + tally.lost > 20
