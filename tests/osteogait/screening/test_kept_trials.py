"""What was decided about a test stands in the store, with its recording, its measures and its line in the audit."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from box_of_tests import Box, wait

from osteogait.errors import OsteogaitError, UsageError
from osteogait.screening.keep import latest_number
from osteogait.screening.phase import Phase
from osteogait.screening.test_guide import SKIP_REASONS
from osteogait.storage.records import Value


def test_an_accepted_test_can_be_measured_again_from_the_disk(box: Box) -> None:
    trial = box.run("walk")
    kept = box.screening.keep(trial.id, "accepted", by="tester")
    (found,) = box.station.trials.of_visit(box.visit)
    assert (found.id, found.state, found.test, found.by) == (kept, "accepted", "walk", "tester")
    assert found.usable
    assert trial.outcome is not None
    assert found.measures == trial.outcome.kept
    assert found.recording_id is not None
    recording = box.station.store.recording(found.recording_id)
    assert recording is not None
    path = Path(recording.path)
    assert path.parent == box.station.recordings / box.visit
    assert hashlib.sha256(path.read_bytes()).hexdigest() == recording.sha256
    assert any(row.object == f"trial:{kept}" for row in box.station.audit.rows(50, None))
    assert box.screening.current is None
    with pytest.raises(UsageError):
        box.screening.keep(trial.id, "accepted", by="tester")


def test_nothing_is_kept_when_a_part_of_it_fails(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = box.run("walk")

    def full(*_: object, **__: object) -> None:
        raise OsteogaitError("screening_broke")

    monkeypatch.setattr(box.station.audit, "add", full)
    with pytest.raises(OsteogaitError):
        box.screening.keep(trial.id, "accepted", by="tester")
    monkeypatch.undo()
    assert box.station.trials.of_visit(box.visit) == ()
    assert box.station.store.recordings_of(box.person) == ()
    assert box.screening.current is trial


@pytest.mark.parametrize("reason", SKIP_REASONS)
def test_a_test_may_be_skipped_for_a_reason(box: Box, reason: str) -> None:
    box.screening.skip(box.visit, "one_leg_left", reason, by="tester")
    (found,) = box.station.trials.of_visit(box.visit)
    assert (found.state, found.reason, found.recording_id, found.measures) == ("skipped", reason, None, None)


def test_no_other_reason_and_no_other_state(box: Box) -> None:
    with pytest.raises(UsageError):
        box.screening.skip(box.visit, "walk", "because", by="tester")
    trial = box.run("walk")
    with pytest.raises(UsageError):
        box.screening.keep(trial.id, "perfect", by="tester")
    assert box.station.trials.of_visit(box.visit) == ()


def test_what_nobody_decided_is_kept_as_rejected(box: Box) -> None:
    box.run("walk")
    box.screening.begin(box.visit, "quiet_stance", by="tester")
    (found,) = box.station.trials.of_visit(box.visit)
    assert (found.test, found.state, found.reason) == ("walk", "rejected", "undecided")


def test_who_leaves_takes_the_test_along(box: Box, configured: Callable[..., None]) -> None:
    configured(speed=2.0)
    trial = box.run("walk", Phase.COUNTDOWN)
    box.screening.leave("another visit", by="tester")
    assert box.screening.current is trial
    box.screening.leave(box.visit, by="tester")
    assert box.screening.current is None
    assert not list(trial.path.parent.glob("*"))


def test_a_recording_cut_off_by_a_power_cut_waits_for_a_person(box: Box) -> None:
    for name in ("walk", "quiet_stance"):
        trial = box.run(name)
        box.screening.keep(trial.id, "rejected", by="tester")
        with closing(
            sqlite3.connect(trial.path, isolation_level=None)
        ) as db:  # as if it had never been closed
            db.execute("DELETE FROM fact WHERE name IN ('closed', 'ended', 'trial')")
    left = box.screening.left_over
    first, second = left.all()
    assert (first.person, first.visit, first.problem) == (box.person, box.visit, None)
    assert first.seconds > 30.0
    kept = left.keep(first.name, "tester")
    found = box.station.trials.get(kept)
    assert found is not None
    assert (found.state, found.reason, found.test) == ("rejected", "cut_off", first.name.partition(".")[0])
    left.discard(second.name, "tester")
    assert left.all() == ()
    for name in (first.name, "nothing.ogrec"):
        with pytest.raises(UsageError):
            left.keep(name, "tester")


def test_what_is_being_recorded_is_not_left_over(box: Box, configured: Callable[..., None]) -> None:
    configured(speed=2.0)
    trial = box.run("walk", Phase.COUNTDOWN)
    wait(trial.path.exists)
    assert box.screening.left_over.all() == ()


def test_the_newest_value_that_stands_is_taken(box: Box) -> None:
    store = box.station.store
    assert latest_number(store, box.person, "height", (("cm", 0.01),)) == pytest.approx(1.56)
    (wrong,) = store.add_values(box.visit, [Value("height", 1.65, "m", "form")])
    units = (("cm", 0.01), ("m", 1.0))
    assert latest_number(store, box.person, "height", units) == pytest.approx(1.65)
    store.withdraw_value(wrong, by="tester", reason="typed wrongly")
    assert latest_number(store, box.person, "height", units) == pytest.approx(1.56)
    assert latest_number(store, box.person, "grip", (("kg", 1.0),)) is None
