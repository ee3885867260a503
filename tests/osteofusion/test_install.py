"""Changing the active bundle: refused for a reason or done whole, whatever happens on the way."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from osteofusion import schema
from osteofusion.bundle import open_bundle
from osteofusion.engines.probe import Verdict
from osteofusion.errors import BundleError, InstallError, SignatureError
from osteofusion.install import INCOMING, KEEP, Change, active, install, roll_back
from osteofusion.install_state import STATE_FILE, read_state
from osteofusion.manifest import MANIFEST_FILE
from osteofusion.schema import default_bundle
from osteofusion.trust_list import TrustList, load_trust

if TYPE_CHECKING:
    from conftest import Signer

WHEN = "2026-06-01T08:00:00+00:00"
CHANGING = ("open", "write", "fsync", "mkdir", "rename", "replace", "unlink", "rmdir")


def passing(_: Path) -> list[Verdict]:
    return [Verdict("onnxruntime", "1", True, "", 80, 0.0)]


def failing(_: Path) -> list[Verdict]:
    return [Verdict("onnxruntime", "1", False, "logits differ by 3", 80, 3.0)]


@pytest.fixture
def trust(signer: Signer) -> TrustList:
    return TrustList({**load_trust().keys, **signer.trust().keys})


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return tmp_path / "box" / "models"


@pytest.fixture
def put(box: Path, trust: TrustList) -> Callable[[Path], Change]:
    return lambda source: install(source, box, trust=trust, golden=passing, at=WHEN)


@pytest.fixture
def back(box: Path, trust: TrustList) -> Callable[[], Change]:
    return lambda: roll_back(box, trust=trust, golden=passing, at=WHEN)


def refusal(box: Path, action: Callable[[], Any]) -> str:
    """Code of the refusal; nothing has changed by it."""
    before = active(box)
    state = read_state(box)
    with pytest.raises(BundleError) as caught:
        action()
    assert active(box) == before
    assert read_state(box) == state
    assert not (box / INCOMING).exists()
    return caught.value.code


def test_without_an_installation_the_shipped_bundle_is_active(box: Path) -> None:
    assert active(box) == default_bundle()
    assert not box.exists()


def test_a_newer_bundle_becomes_active_as_an_exact_copy(
    box: Path, trust: TrustList, put: Callable[[Path], Change], release: Callable[..., Path]
) -> None:
    source = release(7)
    change = put(source)
    assert change.changed
    assert change.active == active(box)
    assert [verdict.passed for verdict in change.engines] == [True]
    assert {item.name: item.read_bytes() for item in active(box).iterdir()} == {
        item.name: item.read_bytes() for item in source.iterdir()
    }
    assert open_bundle(active(box), trust=trust).counter == 7
    assert json.loads((box / STATE_FILE).read_text())["events"][0]["at"] == WHEN


def test_the_same_bundle_again_changes_nothing(
    box: Path, put: Callable[[Path], Change], release: Callable[..., Path]
) -> None:
    source = release(7)
    put(source)
    state = read_state(box)
    assert not put(source).changed
    assert read_state(box) == state
    assert not put(active(box)).changed


def test_the_shipped_bundle_is_active_already(box: Path, put: Callable[[Path], Change]) -> None:
    change = put(default_bundle())
    assert (change.changed, change.active) == (False, default_bundle())


# --- the counter --------------------------------------------------------------------------------------------
def test_an_older_counter_is_refused(
    box: Path, put: Callable[[Path], Change], release: Callable[..., Path]
) -> None:
    put(release(7))
    assert refusal(box, lambda: put(release(6))) == "counter_older"


def test_other_content_under_the_same_counter_is_refused(
    box: Path, put: Callable[[Path], Change], release: Callable[..., Path]
) -> None:
    put(release(7))
    assert refusal(box, lambda: put(release(7, "other"))) == "counter_reused"


def test_the_shipped_counter_is_the_floor(
    box: Path, put: Callable[[Path], Change], release: Callable[..., Path]
) -> None:
    shipped = open_bundle(default_bundle(), trust=load_trust()).counter
    assert refusal(box, lambda: put(release(shipped - 1))) == "counter_older"
    assert refusal(box, lambda: put(release(shipped, "other"))) == "counter_reused"
    assert put(release(shipped + 1)).changed


def test_going_back_does_not_lower_the_counter(
    box: Path,
    put: Callable[[Path], Change],
    back: Callable[[], Change],
    release: Callable[..., Path],
) -> None:
    put(release(7))
    latest = release(9)
    put(latest)
    assert back().bundle.counter == 7
    assert refusal(box, lambda: put(release(8))) == "counter_older"
    assert refusal(box, lambda: put(release(9, "other"))) == "counter_reused"
    assert put(latest).changed  # the very same again
    assert read_state(box).highest["osteofusion"].counter == 9


# --- going back -----------------------------------------------------------------------------------------------
def test_going_back_step_by_step_to_the_shipped_bundle(
    box: Path, put: Callable[[Path], Change], back: Callable[[], Change], release: Callable[..., Path]
) -> None:
    put(release(7))
    put(release(8))
    assert back().bundle.counter == 7
    change = back()
    assert change.active == active(box) == default_bundle()
    assert refusal(box, back) == "nothing_before"
    assert [event.action for event in read_state(box).events] == [
        "install",
        "install",
        "rollback",
        "rollback",
    ]
    assert put(release(10)).changed


def test_only_some_are_kept(
    box: Path, put: Callable[[Path], Change], back: Callable[[], Change], release: Callable[..., Path]
) -> None:
    counters = range(10, 10 + KEEP + 2)
    for counter in counters:
        put(release(counter))
    assert len([item for item in box.iterdir() if item.is_dir()]) == KEEP
    assert [back().bundle.counter for _ in range(KEEP - 1)] == list(counters)[-2 : -KEEP - 1 : -1]
    assert back().active == default_bundle()


def test_what_was_left_can_be_installed_again_from_its_own_folder(
    box: Path, put: Callable[[Path], Change], back: Callable[[], Change], release: Callable[..., Path]
) -> None:
    left = put(release(7)).active
    back()
    assert put(left).changed
    assert active(box) != left


def test_nothing_goes_back_to_a_bundle_that_no_longer_counts(
    box: Path, signer: Signer, put: Callable[[Path], Change], release: Callable[..., Path]
) -> None:
    put(release(7))
    put(release(8))
    keys = {**load_trust().keys, **signer.trust(revoked="stolen").keys}
    with pytest.raises(SignatureError) as caught:
        roll_back(box, trust=TrustList(keys), golden=passing, at=WHEN)
    assert caught.value.code == "key_revoked"


# --- what is refused ----------------------------------------------------------------------------------------
def test_a_bundle_that_is_not_trusted_is_refused(
    box: Path,
    put: Callable[[Path], Change],
    release: Callable[..., Path],
    new_signer: Callable[[str], Signer],
) -> None:
    assert refusal(box, lambda: put(release(7, "", new_signer("stranger")))) == "key_unknown"


def test_a_bundle_that_no_engine_reproduces_is_refused(
    box: Path, trust: TrustList, release: Callable[..., Path]
) -> None:
    source = release(7)
    with pytest.raises(InstallError) as caught:
        install(source, box, trust=trust, golden=failing, at=WHEN)
    assert caught.value.code == "install_no_engine"
    assert "logits differ by 3" in caught.value.message("zh")
    assert refusal(box, lambda: install(source, box, trust=trust, golden=lambda _: [], at=WHEN)) == (
        "install_no_engine"
    )
    install(source, box, trust=trust, golden=lambda place: failing(place) + passing(place), at=WHEN)
    assert refusal(box, lambda: roll_back(box, trust=trust, golden=failing, at=WHEN)) == "install_no_engine"


def test_two_cannot_install_at_once(
    box: Path, put: Callable[[Path], Change], release: Callable[..., Path]
) -> None:
    put(release(7))
    with (box / ".lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert refusal(box, lambda: put(release(8))) == "install_busy"
    assert put(release(9)).changed


@pytest.mark.parametrize("name", ["features.yaml", "fusion.int8.onnx", MANIFEST_FILE])
def test_an_installed_bundle_that_was_altered_is_not_used(
    box: Path, trust: TrustList, put: Callable[[Path], Change], back: Callable[[], Change],
    release: Callable[..., Path], name: str
) -> None:  # fmt: skip
    put(release(7))
    place = put(release(8)).active
    (place / name).write_bytes((place / name).read_bytes()[:-1] + b"#")
    with pytest.raises(BundleError):
        open_bundle(active(box), trust=trust)
    assert back().bundle.counter == 7


def test_an_installed_bundle_swapped_for_an_older_signed_one_is_not_used(
    box: Path, put: Callable[[Path], Change], release: Callable[..., Path]
) -> None:
    old, new = put(release(7)).active, put(release(8)).active
    for item in old.iterdir():
        (new / item.name).write_bytes(item.read_bytes())
    with pytest.raises(InstallError) as caught:
        active(box)
    assert caught.value.code == "installed_lost"


def test_a_damaged_active_bundle_is_mended_by_installing_it_again(
    box: Path, trust: TrustList, put: Callable[[Path], Change], release: Callable[..., Path]
) -> None:
    source = release(7)
    (put(source).active / "golden.json").unlink()
    assert put(source).changed
    open_bundle(active(box), trust=trust)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"schema": "osteofusion.installed/9"}', "[" * 50_000,
     '{"schema": "osteofusion.installed/1", "placed": [{"folder": "../x", "id": "a", "version": "1", "counter": 1, '
     f'"sha256": "{"0" * 64}"}}], "highest": {{}}, "events": []}}',
     '{"schema": "osteofusion.installed/1", "placed": [], "highest": {"a": {"counter": "1", "sha256": ""}}, '
     '"events": []}'],
)  # fmt: skip
def test_a_damaged_record_is_no_reason_to_guess(
    box: Path, put: Callable[[Path], Change], release: Callable[..., Path], text: str
) -> None:
    put(release(7))
    (box / STATE_FILE).write_text(text)
    for action in (lambda: active(box), lambda: put(release(8))):
        with pytest.raises(InstallError) as caught:
            action()
        assert caught.value.code == "install_state"


def test_what_is_not_ours_in_the_folder_stays(
    box: Path, put: Callable[[Path], Change], release: Callable[..., Path]
) -> None:
    (box / "photos").mkdir(parents=True)
    (box / "photos" / "one").write_text("mine")
    put(release(7))
    assert (box / "photos" / "one").read_text() == "mine"


# --- crashes ------------------------------------------------------------------------------------------------
class Dead(BaseException):
    """The process is gone: this call and every later one fails."""


@contextmanager
def dying_at(call: int, seen: list[str]) -> Iterator[None]:
    """The process dies before the `call`-th call that could change the disk; what cleans up dies with it."""

    def dying(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*words: Any, **more: Any) -> Any:
            if name == "open" and not words[1] & os.O_CREAT:
                return real(*words, **more)
            seen.append(f"{name} {words[0] if isinstance(words[0], str | os.PathLike) else ''}".strip())
            if len(seen) >= call:
                raise Dead
            return real(*words, **more)

        return step

    with pytest.MonkeyPatch.context() as patch:
        for name in CHANGING:
            patch.setattr(os, name, dying(name, getattr(os, name)))
        yield


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, release: Callable[..., Path]) -> None:
    """A shipped bundle of a few bytes, for tests that install a hundred times."""
    shipped = release(1)
    monkeypatch.setattr(schema, "default_bundle", lambda: shipped)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("before", [(), (7,)])
def test_a_crash_anywhere_leaves_the_old_bundle_or_the_new_one(
    tmp_path: Path, trust: TrustList, release: Callable[..., Path], before: tuple[int, ...]
) -> None:
    earlier = [release(counter) for counter in before]
    source, reached, call = release(9), {0: 0, 9: 0}, 0
    while True:
        call += 1
        box, seen = tmp_path / f"box{call}", []
        for kept in earlier:
            install(kept, box, trust=trust, golden=passing, at=WHEN)
        old = active(box)
        try:
            with dying_at(call, seen):
                install(source, box, trust=trust, golden=passing, at=WHEN)
        except Dead:
            pass
        else:
            break
        now = open_bundle(active(box), trust=trust)
        assert now.path == old or now.counter == 9, seen
        reached[9 if now.counter == 9 else 0] += 1
        install(source, box, trust=trust, golden=passing, at=WHEN)
        assert open_bundle(active(box), trust=trust).counter == 9
        assert not (box / INCOMING).exists()
    assert reached[0] > 20
    assert reached[9] > 0


@pytest.mark.usefixtures("small")
def test_a_crash_while_going_back(tmp_path: Path, trust: TrustList, release: Callable[..., Path]) -> None:
    first, second, call = release(7), release(8), 0
    while True:
        call += 1
        box = tmp_path / f"box{call}"
        for source in (first, second):
            install(source, box, trust=trust, golden=passing, at=WHEN)
        try:
            with dying_at(call, []):
                roll_back(box, trust=trust, golden=passing, at=WHEN)
        except Dead:
            assert open_bundle(active(box), trust=trust).counter in {7, 8}
            continue
        break
    assert call > 3


def test_everything_is_synced_before_it_is_referred_to(
    box: Path, trust: TrustList, release: Callable[..., Path]
) -> None:
    source, seen = release(7), []
    with dying_at(10**6, seen):
        install(source, box, trust=trust, golden=passing, at=WHEN)
    renamed = next(n for n, step in enumerate(seen) if step.startswith("rename") and INCOMING in step)
    switched = next(n for n, step in enumerate(seen) if step.startswith("replace"))
    incoming = [step for step in seen[:renamed] if INCOMING in step and step.startswith("open")]
    files = len(list(source.iterdir()))
    assert len(incoming) == files
    assert seen[:renamed].count("fsync") >= files + 1  # every file and the folder
    assert "fsync" in seen[renamed:switched]  # the new name
    assert seen[switched - 1] == "fsync"  # the new record
    assert "fsync" in seen[switched:]  # its name


class FullDisk(OSError):
    """No space left on device."""


def filling_up_at(call: int, real: Callable[[int, memoryview], int]) -> Callable[[int, memoryview], int]:
    """Writes half of what it is asked, as a nearly full disk may, and from the `call`-th call on nothing."""
    calls = iter(range(1, 10**6))

    def write(handle: int, content: memoryview) -> int:
        if next(calls) >= call:
            raise FullDisk(errno.ENOSPC, "No space left on device")
        return real(handle, content[: max(1, len(content) // 2)])

    return write


@pytest.mark.usefixtures("small")
def test_a_full_disk_changes_nothing_and_leaves_nothing(
    box: Path, put: Callable[[Path], Change], release: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(release(7))
    old, state, source, call = active(box), read_state(box), release(9), 0
    while True:
        call += 1
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", filling_up_at(call, os.write))
            with suppress(FullDisk):
                put(source)
                break
        assert (active(box), read_state(box)) == (old, state)
        assert not (box / INCOMING).exists()
    assert call > 10
    assert {item.name: item.read_bytes() for item in active(box).iterdir()} == {
        item.name: item.read_bytes() for item in source.iterdir()
    }


KILLED = """
import os, signal, sys
from pathlib import Path
from osteofusion import install as module
from osteofusion.engines.probe import Verdict
from osteofusion.trust_list import default_trust

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

where, source, box = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
if where != "golden":
    setattr(module, where, die)
golden = die if where == "golden" else lambda _: [Verdict("onnxruntime", "1", True, "", 80, 0.0)]
module.install(source, box, trust=default_trust(), golden=golden, at="2026-06-01T08:00:00+00:00")
"""


@pytest.mark.parametrize("where", ["_files", "golden", "write_state"])
def test_a_killed_process_leaves_the_old_bundle(
    tmp_path: Path, box: Path, resign: Callable[[Path], None], release: Callable[..., Path], where: str
) -> None:
    source = release(9)
    resign(source)
    child = subprocess.run([sys.executable, "-c", KILLED, where, str(source), str(box)], check=False)
    assert child.returncode == -signal.SIGKILL
    assert active(box) == default_bundle()
