"""What a file of a bundle holds: from its folder, or from the bytes that were verified when the bundle was opened.

An answer is always made from verified bytes: a file that changes between check and use changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from osteofusion.errors import BundleError

Parts = Path | Mapping[str, bytes]


def part(parts: Parts, name: str) -> bytes:
    """The bytes of the file `name`; BundleError when there is none or it cannot be read."""
    try:
        return (parts / name).read_bytes() if isinstance(parts, Path) else parts[name]
    except (OSError, KeyError) as error:
        raise BundleError("bundle_file_missing", path=name) from error
