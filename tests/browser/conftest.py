"""A real browser against the real app: one of each for all tests, a page for every question."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import harness

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Everything here is marked; without Chromium it is skipped, and an error where all must be checked."""
    missing = harness.chromium_missing()
    if missing and os.environ.get("OSTEOGAIT_REALDATA") == "required":
        raise pytest.UsageError(missing)
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if missing:
                item.add_marker(pytest.mark.skip(reason=missing))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium without a network."""
    with harness.chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.Box]:
    """A box with one account of each role and the example person; shared, so leave it as it was found."""
    started = harness.start_box(tmp_path_factory.mktemp("box") / "data")
    yield started
    started.close()


@pytest.fixture
def new_box(tmp_path: Path) -> Iterator[Callable[..., harness.Box]]:
    """Makes boxes of one's own: `new_box(accounts=False)` is one before its first run."""
    made: list[harness.Box] = []

    def make(*, accounts: bool = True, example: bool = False) -> harness.Box:
        made.append(harness.start_box(tmp_path / f"box{len(made)}", accounts=accounts, example=example))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def page_of(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """`page_of(role, lang, size, theme, of=box)`: a page signed in as `role`; afterwards nothing may be wrong on it.

    Wrong are: an address that is not the box's, an error in the console, something the content policy stopped.
    """
    opened: list[harness.Opened] = []

    def open_one(
        role: str | None,
        lang: str = "en",
        size: str = "tablet",
        theme: str = "light",
        of: harness.Box | None = None,
    ) -> Page:
        of = of or request.getfixturevalue("box")
        opened.append(harness.open_page(browser, of, role, lang, size, theme))
        return opened[-1].page

    yield open_one
    assert harness.close_all(opened) == []


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """`axe(page)`: serious and critical findings of axe-core; nothing where all is well."""
    builder = harness.REPO / "deploy" / "web" / "build_assets.py"
    for _ in range(3):  # fetched once; a registry that does not answer is asked again
        done = subprocess.run(
            [sys.executable, str(builder), "--axe"], capture_output=True, text=True, check=False
        )
        if not done.returncode:
            break
    if done.returncode:
        pytest.fail(done.stderr)
    script = Path(done.stdout.strip()).read_text(encoding="utf-8")
    return lambda page: harness.violations(page, script)
