"""What a person decided about a test, kept: its recording, its measures and the decision, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from osteogait.errors import UsageError
from osteogait.screening.test_guide import SKIP_REASONS

if TYPE_CHECKING:
    from osteogait.acquire.summary import RecordingSummary
    from osteogait.screening.battery import TestItem
    from osteogait.screening.live_trial import LiveTrial
    from osteogait.screening.parts import Parts
    from osteogait.storage.records import Recording
    from osteogait.storage.store import Store

STATES = ("accepted", "rejected", "repeated")
"""What may become of a test that was recorded; one that was not is `skipped`."""


def keep_trial(parts: Parts, trial: LiveTrial, state: str, reason: str | None, by: str) -> str:
    """The id of the kept try; UsageError for a test without a recording, or accepted though it is not usable."""
    outcome = trial.outcome
    if outcome is None or outcome.summary is None:
        raise UsageError("screening_nothing_to_keep")
    if state not in STATES:
        raise UsageError("screening_unknown_state", state=state[:40], known=", ".join(STATES))
    if state == "accepted" and not outcome.usable:
        raise UsageError("screening_not_usable")
    recording = recording_row(trial.path, trial.item.protocol, outcome.summary)
    with parts.store.transaction():
        kept = parts.store.add_recording(trial.visit, recording)
        found = parts.trials.add(
            trial.visit, trial.item.id, trial.item.protocol, variant=trial.item.variant, state=state,
            reason=reason, recording=kept, measures=outcome.kept, by=by,
        )  # fmt: skip
        parts.audit.add(by, "create", f"trial:{found}", test=trial.item.id, state=state)
    return found


def skip_test(parts: Parts, visit: str, item: TestItem, reason: str, by: str) -> str:
    """The id of a test that was not done; UsageError for a reason that is none of `SKIP_REASONS`."""
    if reason not in SKIP_REASONS:
        raise UsageError("screening_unknown_reason", reason=reason[:40])
    with parts.store.transaction():
        found = parts.trials.add(
            visit, item.id, item.protocol, variant=item.variant, state="skipped", reason=reason, by=by
        )
        parts.audit.add(by, "create", f"trial:{found}", test=item.id, state="skipped")
    return found


def recording_row(path: Path, protocol: str, summary: RecordingSummary) -> Recording:
    """What the store keeps of a recording."""
    from osteogait.storage.records import Recording

    return Recording(
        path=str(path.resolve()),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        protocol=protocol,
        fs_hz=summary.rate_hz,
        samples=summary.received,
        lost=summary.lost,
    )


def latest_number(
    store: Store, person: str, variable: str, units: Iterable[tuple[str, float]]
) -> float | None:
    """The newest value of `variable` that was not withdrawn, times the factor of its unit; None when there is none."""
    factors = dict(units)
    known = [
        one
        for one in store.values_of(person, variable)
        if one.withdrawn is None and one.unit in factors and isinstance(one.value, float)
    ]
    if not known:
        return None
    newest = max(known, key=lambda one: (one.taken_at or one.created, one.created))
    return float(newest.value) * factors[newest.unit]
