"""Change the active bundle: all checks first, one atomic switch, the one before kept for going back.

A kill or a power cut anywhere leaves the old bundle active or the new one, whole: the new files lie under a name that
nothing refers to until they are synced and have reproduced their golden vectors; then one file is replaced.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from osteofusion import schema
from osteofusion.bundle import Bundle, open_bundle
from osteofusion.durable import FOLDER_MODE, make_folder, sync_folder, write_file
from osteofusion.errors import BundleError, InstallError
from osteofusion.install_state import Highest, Placed, State, read_state, write_state
from osteofusion.manifest import MANIFEST_FILE
from osteofusion.signature import SIGNATURE_FILE
from osteofusion.trust_list import TrustList

if TYPE_CHECKING:
    from osteofusion.engines.probe import Verdict

KEEP = 3  # the active bundle and two to go back to; one takes about 1.5 MB
INCOMING = ".incoming"
LOCK_FILE = ".lock"
PLACED_NAME = re.compile(r"[0-9]{4,}-.+-[0-9a-f]{12}")

Golden = Callable[[Path], "list[Verdict]"]


@dataclass(frozen=True, slots=True)
class Change:
    """What is active now, whether that is new, and how each engine did on its golden vectors."""

    active: Path
    bundle: Bundle
    changed: bool
    engines: tuple[Verdict, ...]


def active(folder: Path) -> Path:
    """The folder of the active bundle: the installed one, or the one that ships with the package.

    InstallError when what was installed is no longer there or is another one; the caller then opens the bundle,
    which checks the rest.
    """
    return _place(folder, read_state(folder).active)


def install(source: Path, folder: Path, *, trust: TrustList, golden: Golden, at: str) -> Change:
    """Make the bundle in `source` the active one of `folder`; `at` is the time [UTC] for the record.

    Raises what `open_bundle` raises, and InstallError when the counter is older than one ever seen, when the same
    counter was seen with other content, when no engine of `golden` reproduces the golden vectors, or when somebody
    else is installing. Then nothing has changed.
    """
    with _only_one(folder):
        state = read_state(folder)
        bundle = open_bundle(source, trust=trust)
        _check_counter(bundle, state, trust)
        if _is_active(bundle, folder, state, trust):
            return Change(active(folder), bundle, False, ())
        files = _files(bundle)
        _remove_strays(folder, state)
        name = f"{len(state.events) + 1:04d}-{bundle.id}-{bundle.version}-{bundle.sha256[:12]}"
        verdicts = _bring_in(files, folder / name, trust, golden)
        new = Placed(name, bundle.id, bundle.version, bundle.counter, bundle.sha256)
        after = state.installed(new, at, KEEP)
        write_state(folder, after)  # the switch
        _remove_strays(folder, after)
        return Change(folder / name, open_bundle(folder / name, trust=trust), True, verdicts)


def roll_back(folder: Path, *, trust: TrustList, golden: Golden, at: str) -> Change:
    """Leave the active bundle for the one before it, which may be the shipped one; the counters stay remembered.

    Raises InstallError when there is nothing to go back to, and what `install` raises for a bundle that does not
    stand its checks; then nothing has changed.
    """
    with _only_one(folder):
        state = read_state(folder)
        if state.active is None:
            raise InstallError("nothing_before", folder=str(folder))
        after = state.gone_back(at)
        place = _place(folder, after.active)
        bundle = open_bundle(place, trust=trust)
        verdicts = _checked(place, golden)
        write_state(folder, after)  # the switch; what was left goes at the next installation
        return Change(place, bundle, True, verdicts)


def _place(folder: Path, placed: Placed | None) -> Path:
    if placed is None:
        return schema.default_bundle()
    place = folder / placed.folder
    try:
        found = hashlib.sha256((place / MANIFEST_FILE).read_bytes()).hexdigest()
    except OSError as error:
        raise InstallError("installed_lost", path=str(place)) from error
    if found != placed.sha256:
        raise InstallError("installed_lost", path=str(place))
    return place


def _check_counter(bundle: Bundle, state: State, trust: TrustList) -> None:
    """InstallError for a counter below the highest ever seen, or for other content under the same one."""
    for seen in _seen(bundle.id, state, trust):
        if bundle.counter < seen.counter:
            raise InstallError("counter_older", found=bundle.counter, seen=seen.counter)
        if bundle.counter == seen.counter and bundle.sha256 != seen.sha256:
            raise InstallError("counter_reused", counter=bundle.counter)


def _seen(model: str, state: State, trust: TrustList) -> Iterator[Highest]:
    """The highest counter of `model` that was ever installed here, and that of the shipped bundle."""
    if model in state.highest:
        yield state.highest[model]
    shipped = open_bundle(schema.default_bundle(), trust=trust)
    if shipped.id == model:
        yield Highest(shipped.counter, shipped.sha256)


def _is_active(bundle: Bundle, folder: Path, state: State, trust: TrustList) -> bool:
    """True when `bundle` is what is active already, and that one is whole."""
    try:
        present = open_bundle(_place(folder, state.active), trust=trust)
    except BundleError:
        return False
    return present.sha256 == bundle.sha256


def _files(bundle: Bundle) -> dict[str, bytes]:
    """All files of `bundle`: the bytes that were hashed, not what may lie on the disk by now."""
    signed = (bundle.path / SIGNATURE_FILE).read_bytes()  # proven again when the copy is opened
    return {**bundle.content, MANIFEST_FILE: bytes(bundle.manifest), SIGNATURE_FILE: signed}


def _bring_in(files: dict[str, bytes], place: Path, trust: TrustList, golden: Golden) -> tuple[Verdict, ...]:
    """Put `files` at `place`, synced and with their golden run behind them; nothing stays when that fails."""
    incoming = place.with_name(INCOMING)
    try:
        incoming.mkdir(mode=FOLDER_MODE)
        for name, content in files.items():
            write_file(incoming / name, content)
        sync_folder(incoming)
        open_bundle(incoming, trust=trust)
        verdicts = _checked(incoming, golden)
        incoming.rename(place)
        sync_folder(place.parent)
    except BaseException:
        shutil.rmtree(incoming, ignore_errors=True)
        raise
    return verdicts


def _checked(place: Path, golden: Golden) -> tuple[Verdict, ...]:
    """The golden run of every engine; InstallError when none passes."""
    verdicts = tuple(golden(place))
    if not any(verdict.passed for verdict in verdicts):
        reasons = "; ".join(f"{verdict.engine}: {verdict.reason}" for verdict in verdicts)
        raise InstallError("install_no_engine", reasons=reasons)
    return verdicts


def _remove_strays(folder: Path, state: State) -> None:
    """Bundles that nothing refers to: left by an interrupted installation, or too old to go back to."""
    kept = {item.folder for item in state.placed}
    for path in folder.iterdir():
        ours = path.name == INCOMING or PLACED_NAME.fullmatch(path.name)
        if ours and path.name not in kept:
            shutil.rmtree(path)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Nobody else changes `folder` meanwhile; the lock dies with the process."""
    make_folder(folder)
    handle = os.open(folder / LOCK_FILE, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InstallError("install_busy", folder=str(folder)) from error
        yield
    finally:
        os.close(handle)
