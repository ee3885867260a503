"""Which engine answers: the first of an order that reproduced the golden vectors on this machine.

A verdict is kept beside the app's data and holds while bundle, runtime, numpy, Python and processor stay the same. A
run that crashed, hung or never began is not kept: it may have been the moment.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np

from osteofusion.engines.base import ENGINES, MODEL_FILES, MODULES
from osteofusion.engines.golden import GOLDEN_FILE
from osteofusion.engines.probe import Verdict, failed, probe
from osteofusion.errors import EngineError

NOT_INSTALLED = "not installed"
PROCESSOR_LINES = ("model name", "flags", "CPU implementer", "CPU part", "Features")
PROCESSORS = Path("/proc/cpuinfo")

Probe = Callable[[str, Path], Verdict]


@dataclass(frozen=True, slots=True)
class Choice:
    """The engine that answers, None when none is fit; the verdicts on it and on those that stand before it."""

    engine: str | None
    verdicts: tuple[Verdict, ...]

    @property
    def refused(self) -> tuple[Verdict, ...]:
        """The engines that did not pass."""
        return tuple(verdict for verdict in self.verdicts if not verdict.passed)


def choose(order: Sequence[str], bundle: Path, cache: Path | None = None, run: Probe = probe) -> Choice:
    """The first engine of `order` that passes its golden run in a child process.

    Verdicts are read from and kept in the file `cache` where one is named. EngineError for a name that no engine has.
    """
    verdicts: list[Verdict] = []
    for name in order:
        verdicts.append(_verdict(name, bundle, cache, run))
        if verdicts[-1].passed:
            return Choice(name, tuple(verdicts))
    return Choice(None, tuple(verdicts))


def _verdict(name: str, bundle: Path, cache: Path | None, run: Probe) -> Verdict:
    if name not in ENGINES:
        raise EngineError("engine_unknown", engine=name, known=", ".join(ENGINES))
    package = _package(name)
    if package is None:
        return failed(name, NOT_INSTALLED)
    circumstances = _circumstances(name, bundle, package)
    kept = _read(cache)
    if kept.get(name, {}).get("circumstances") == circumstances:
        return Verdict(**kept[name]["verdict"])
    verdict = run(name, bundle)
    if cache is not None and verdict.answered:
        _write(cache, kept | {name: {"circumstances": circumstances, "verdict": asdict(verdict)}})
    return verdict


def _package(name: str) -> Path | None:
    """The runtime's package on disk, found without importing it; None when it is not installed."""
    spec = find_spec(MODULES[name])
    return None if spec is None or spec.origin is None else Path(spec.origin)


def _circumstances(name: str, bundle: Path, package: Path) -> str:
    """A hash of everything that a verdict depends on.

    The runtime is known by its version (the folder pip writes beside the package) and by the time of its files.
    """
    digest = hashlib.sha256()
    for file in (MODEL_FILES[name], GOLDEN_FILE):
        path = bundle / file
        digest.update(hashlib.sha256(path.read_bytes() if path.is_file() else b"").digest())
    installed = sorted(path.name for path in package.parent.parent.glob("*.dist-info"))
    versions = [item for item in installed if item.lower().startswith(MODULES[name].lower())]
    facts = [name, *versions, package.stat().st_mtime_ns, np.__version__, sys.version, *_processor()]
    digest.update("\n".join(map(str, facts)).encode())
    return digest.hexdigest()


def _processor() -> list[str]:
    """What kind of processor this is and what it can do."""
    try:
        block = PROCESSORS.read_text(encoding="utf-8", errors="replace").split("\n\n")[0]
    except OSError:
        return [platform.machine(), platform.processor()]
    lines = [line for line in block.splitlines() if line.startswith(PROCESSOR_LINES)]
    return [platform.machine(), *lines]


def _read(cache: Path | None) -> dict[str, Any]:
    """What the file holds; nothing when it is absent or damaged, for then the golden run is simply done again."""
    try:
        kept = json.loads(cache.read_text(encoding="utf-8")) if cache is not None else {}
        return {name: item for name, item in kept.items() if Verdict(**item["verdict"]).engine == name}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _write(cache: Path, kept: dict[str, Any]) -> None:
    """Keep the verdicts, whole or not at all; a folder that cannot be written costs a golden run a start, no more."""
    part = cache.with_name(f".{cache.name}.{token_hex(4)}.part")
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        part.replace(cache)
    except OSError:
        with suppress(OSError):
            part.unlink()
