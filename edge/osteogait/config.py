"""Fixed limits and places of the app; each has a unit and a reason."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on what the app reads, so that a wrong or hostile file cannot exhaust the box."""

    yaml_bytes: int = 1_000_000  # a case is a few kB; the cap stops bombs before parsing
    yaml_nodes: int = 20_000  # a full case has about 300; a megabyte of brackets would take a minute to read
    table_bytes: int = 200_000_000  # a national survey cycle is about 2 MB
    recordings_per_case: int = 50  # a visit has about ten


LIMITS = Limits()


def data_folder() -> Path:
    """Where the app keeps its database: `OSTEOGAIT_DATA`, else the user's data folder."""
    named = os.environ.get("OSTEOGAIT_DATA")
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_data_dir("osteogait", appauthor=False))
