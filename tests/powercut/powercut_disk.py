"""What a power cut may leave of a disk: per file the sectors since its last sync, per folder the names since its."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from powercut_trace import Call

SECTOR = 512
SEEDS = 3


@dataclass(slots=True)
class File:
    """Content now, content at its last sync, and the sectors written since."""

    now: bytearray = field(default_factory=bytearray)
    synced: bytes = b""
    dirty: set[int] = field(default_factory=set)

    def write(self, data: bytes, offset: int) -> None:
        self.now.extend(bytes(max(0, offset + len(data) - len(self.now))))
        self.now[offset : offset + len(data)] = data
        self.dirty.update(range(offset // SECTOR, (offset + len(data) - 1) // SECTOR + 1))

    def truncate(self, length: int) -> None:
        self.dirty = {sector for sector in self.dirty if sector * SECTOR < length}
        self.now = self.now[:length] + bytearray(max(0, length - len(self.now)))

    def sync(self) -> None:
        self.synced, self.dirty = bytes(self.now), set()

    def survivor(self, sectors: set[int]) -> bytes:
        """The file when of the unsynced sectors only these reached the disk; holes are zeros."""
        content = bytearray(self.synced)
        for sector in sorted(sectors):
            piece = self.now[sector * SECTOR : (sector + 1) * SECTOR]
            content.extend(bytes(max(0, sector * SECTOR + len(piece) - len(content))))
            content[sector * SECTOR : sector * SECTOR + len(piece)] = piece
        return bytes(content)


class Disk:
    """Names and files after each call. `strict`: a sync of a file does not make its own name durable."""

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict
        self._names: dict[str, File] = {}
        self._durable: dict[str, File] = {}

    def do(self, call: Call) -> None:
        """Carry out one call."""
        if call.name == "create":
            self._names.setdefault(call.path, File())
        elif call.name == "write":
            self._names[call.path].write(call.data, call.offset)
        elif call.name == "truncate":
            self._names[call.path].truncate(call.offset)
        elif call.name == "rename":
            self._names[call.data.decode()] = self._names.pop(call.path)
        elif call.name == "unlink":
            self._names.pop(call.path, None)
        elif call.path in self._names:
            self._names[call.path].sync()
            if not self._strict:
                self._durable[call.path] = self._names[call.path]
        else:
            self._sync_folder(call.path)

    def states(self, seed: int) -> Iterator[dict[str, bytes]]:
        """Every state that a cut after this call is taken to leave: path -> content."""
        for names in (self._durable, self._names):
            yield {path: file.survivor(set()) for path, file in names.items()}
            yield {path: bytes(file.now) for path, file in names.items()}
            for draw in range(SEEDS):
                chance = random.Random(f"{seed}/{draw}")  # noqa: S311
                yield {
                    path: file.survivor({s for s in sorted(file.dirty) if chance.random() < 0.5})
                    for path, file in names.items()
                }

    def _sync_folder(self, folder: str) -> None:
        inside = [path for path in {*self._names, *self._durable} if str(PurePath(path).parent) == folder]
        for path in inside:
            self._durable.pop(path, None)
            if path in self._names:
                self._durable[path] = self._names[path]


def lay_out(state: dict[str, bytes], folder: Path, root: str = "") -> None:
    """Write the state into an empty folder: by the names alone, or below `root` with their folders."""
    for left in folder.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    for path, content in state.items():
        place = folder / (PurePath(path).relative_to(root) if root else PurePath(path).name)
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(content)
