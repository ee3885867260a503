"""The two open toolboxes beside us, each in an environment of its own that is made when it is asked for.

They are no dependency and nothing of ours imports them. Where one can't be installed, its column is left out and the
reason is said.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from open_walks import REPO, UNKNOWN_HEIGHT_M, OpenWalk

HERE = Path(__file__).resolve().parent
FOLDER = REPO / ".venv-peers"
NICE = 10


@dataclass(frozen=True, slots=True)
class Peer:
    """A toolbox in one setting: its environment, the script that runs it, and what that is told beside a file."""

    title: str
    environment: str
    setting: str = ""

    @property
    def lock(self) -> Path:
        """Pinned and hashed packages of its environment."""
        return REPO / "requirements" / f"peer-{self.environment}.txt"

    @property
    def python(self) -> Path:
        """Interpreter of its environment."""
        return FOLDER / self.environment / "bin" / "python"

    @property
    def script(self) -> Path:
        """The file that runs it."""
        return HERE / f"peer_{self.environment}.py"

    def words(self, walks: Sequence[OpenWalk]) -> list[str]:
        """What its script reads from the command line, one word a recording."""
        found = []
        for walk in walks:
            setting = self.setting or ("impaired" if walk.slow else "healthy")
            found.append(f"{walk.height_m or UNKNOWN_HEIGHT_M}:{setting}:{walk.path}")
        return found


MOBGAP = Peer("mobgap 1.2.0", "mobgap")
SKDH_AP = Peer("skdh 0.17.18, AP", "skdh", "AP CWT")
SKDH_V = Peer("skdh 0.17.18, V", "skdh", "Vertical CWT")
PEERS = (MOBGAP, SKDH_AP, SKDH_V)


def missing(peer: Peer) -> str | None:
    """None when the environment of `peer` stands, made now if need be; otherwise why it doesn't."""
    stamp = FOLDER / peer.environment / ".made-from"
    wanted = hashlib.sha256(peer.lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return None
    if sys.version_info[:2] != (3, 11):
        return f"{peer.title} is pinned for Python 3.11, this is {sys.version_info[0]}.{sys.version_info[1]}"
    print(f"Making the environment of {peer.title} ...", flush=True)  # noqa: T201
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(FOLDER / peer.environment)],
        [str(peer.python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(peer.lock)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            return f"{peer.title} could not be installed: {last}"
    stamp.write_text(wanted, encoding="utf-8")
    return None


def environment() -> dict[str, str]:
    """One thread each, so that cost and results do not hang on the machine's cores."""
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    return os.environ | single


def analyse(peer: Peer, walks: Sequence[OpenWalk], out: Path) -> list[str]:
    """Write the peer's rows for all `walks` to `out`; the recordings on which it failed, each with its reason."""
    command = [str(peer.python), str(peer.script), str(out), *peer.words(walks)]
    done = subprocess.run(
        ["nice", "-n", str(NICE), *command], capture_output=True, text=True, check=False, env=environment()
    )
    if done.returncode != 0:
        raise SystemExit(f"{peer.title} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    json.loads(done.stdout.strip().splitlines()[-1])  # it came to its end
    names = {walk.name for walk in walks}
    return [line for line in done.stderr.splitlines() if line.split(":", 1)[0] in names]
