"""Which bundle is active, which stood before it, and the highest counter ever seen: one small file, replaced whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from osteofusion.durable import replace_file
from osteofusion.errors import InstallError
from osteofusion.manifest import MODEL_ID, SHA256, VERSION

STATE_FILE = "state.json"
STATE_SCHEMA = "osteofusion.installed/1"
STATE_BYTES = 4_000_000  # an event takes about 200


@dataclass(frozen=True, slots=True)
class Placed:
    """A bundle in the folder of installed ones: name of its own folder, identity, hash of its manifest."""

    folder: str
    id: str
    version: str
    counter: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Highest:
    """The highest counter of a model ever installed here, and the manifest that bore it."""

    counter: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Event:
    """One switch: what was done, when [UTC], and which bundle was active from then on ("" = the shipped one)."""

    action: str
    at: str
    sha256: str


@dataclass(frozen=True, slots=True)
class State:
    """`placed` from the oldest kept to the active one; empty when the shipped bundle is active."""

    placed: tuple[Placed, ...] = ()
    highest: Mapping[str, Highest] = field(default_factory=dict)
    events: tuple[Event, ...] = ()

    @property
    def active(self) -> Placed | None:
        """The active bundle; None is the one that ships with the package."""
        return self.placed[-1] if self.placed else None

    def installed(self, new: Placed, at: str, keep: int) -> State:
        """The state after `new` became active; the `keep` latest stay for going back."""
        highest = dict(self.highest) | {new.id: Highest(new.counter, new.sha256)}
        return State((*self.placed, new)[-keep:], highest, (*self.events, Event("install", at, new.sha256)))

    def gone_back(self, at: str) -> State:
        """The state after the active bundle was left for the one before it; the highest counters stay."""
        placed = self.placed[:-1]
        sha256 = placed[-1].sha256 if placed else ""
        return replace(self, placed=placed, events=(*self.events, Event("rollback", at, sha256)))


def read_state(folder: Path) -> State:
    """The state of `folder`; nothing installed when there is no file, InstallError when it is damaged."""
    path = folder / STATE_FILE
    try:
        with path.open("rb") as file:
            return _state(file.read(STATE_BYTES))
    except FileNotFoundError:
        return State()
    except (AttributeError, KeyError, TypeError, ValueError, OSError, RecursionError) as error:
        raise InstallError("install_state", path=str(path), reason=str(error)) from error


def write_state(folder: Path, state: State) -> None:
    """Put `state` in force: the old one or this, never a part of it; durable on return."""
    whole = {
        "schema": STATE_SCHEMA,
        "placed": [asdict(item) for item in state.placed],
        "highest": {name: asdict(item) for name, item in state.highest.items()},
        "events": [asdict(item) for item in state.events],
    }
    text = json.dumps(whole, sort_keys=True, indent=1)
    replace_file(folder / STATE_FILE, (text + "\n").encode("ascii"), 0o600)


def _state(content: bytes) -> State:
    fields = json.loads(content)
    if fields["schema"] != STATE_SCHEMA:
        raise ValueError(f"schema is {fields['schema']!r}, not {STATE_SCHEMA!r}")
    state = State(
        tuple(Placed(**item) for item in fields["placed"]),
        {name: Highest(**item) for name, item in fields["highest"].items()},
        tuple(Event(**item) for item in fields["events"]),
    )
    for item in state.placed:
        _check_placed(item)
    for mark in state.highest.values():
        if type(mark.counter) is not int or not SHA256.fullmatch(mark.sha256):
            raise ValueError(f"highest {mark}")
    return state


def _check_placed(item: Placed) -> None:
    """ValueError when the entry could not have been written here; above all, a folder name is no path."""
    right = MODEL_ID.fullmatch(item.id) and VERSION.fullmatch(item.version) and SHA256.fullmatch(item.sha256)
    if not right or type(item.counter) is not int or item.folder != Path(item.folder).name or not item.folder:
        raise ValueError(f"entry {item}")
