"""Files that a power cut cannot halve: written, synced, and only then given their name.

The app's `storage` has the same rules for its own file; nothing is imported from there, because the model knows
nothing of the app.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER_MODE = 0o700


def make_folder(path: Path) -> None:
    """The folder `path` with its parents, private to its owner, its names durable; nothing when it exists."""
    for folder in reversed([path, *path.parents]):
        if not folder.exists():
            folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
            sync_folder(folder.parent)


def write_file(path: Path, content: bytes, mode: int = 0o644) -> None:
    """A new file with `content`, synced; FileExistsError when the name is taken. The name is not yet durable."""
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, mode)
    try:
        left = memoryview(content)
        while left:  # a nearly full disk writes less than it was asked, without an error
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_file(path: Path, content: bytes, mode: int = 0o644) -> None:
    """`path` holds `content` or what it held before, whatever happens on the way; durable on return."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    write_file(part, content, mode)
    part.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes the present names in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
