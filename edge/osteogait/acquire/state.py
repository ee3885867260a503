"""What a session can be in, what it may become, and the event that says so on the screen and in the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from osteogait.words import sentence


class State(StrEnum):
    """States of one sensor's session, in the order of a trial without mishap, then the mishaps."""

    IDLE = "idle"
    SCANNING = "scanning"
    FOUND = "found"
    CONNECTING = "connecting"
    SETTLING = "settling"
    RECORDING = "recording"
    STALLED = "stalled"
    INTERRUPTED = "interrupted"
    STOPPING = "stopping"
    REVIEW = "review"
    FAILED = "failed"


NEXT: Mapping[State, frozenset[State]] = {
    State.IDLE: frozenset({State.SCANNING, State.CONNECTING, State.STOPPING, State.FAILED}),
    State.SCANNING: frozenset({State.FOUND, State.STOPPING, State.FAILED}),
    State.FOUND: frozenset({State.CONNECTING, State.STOPPING, State.FAILED}),
    State.CONNECTING: frozenset({State.SETTLING, State.INTERRUPTED, State.STOPPING, State.FAILED}),
    State.SETTLING: frozenset({State.RECORDING, State.INTERRUPTED, State.STOPPING, State.FAILED}),
    State.RECORDING: frozenset({State.STALLED, State.INTERRUPTED, State.STOPPING, State.FAILED}),
    State.STALLED: frozenset({State.RECORDING, State.INTERRUPTED, State.STOPPING, State.FAILED}),
    State.INTERRUPTED: frozenset({State.CONNECTING, State.STOPPING, State.FAILED}),
    State.STOPPING: frozenset({State.REVIEW, State.FAILED}),
    State.REVIEW: frozenset(),
    State.FAILED: frozenset(),
}
"""Every transition there is; a test walks them and the session refuses any other."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the person at the screen should know, also kept in the recording.

    code names the sentence (`session_...`), fields fill it; state is the one the session is in from now on.
    """

    monotonic_ns: int
    sensor: str
    state: State
    code: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def message(self, lang: str) -> str:
        """The event in words."""
        return sentence(self.code, lang, {"sensor": self.sensor, **self.fields})

    def __bytes__(self) -> bytes:
        """As it stands in the recording: JSON in UTF-8."""
        content = {"state": self.state.value, "code": self.code, "fields": dict(self.fields)}
        return json.dumps(content, ensure_ascii=False, default=str).encode()
