"""The real app behind a free port, people with access to it, and pages of a real browser that tell what went wrong."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

REPO = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
NO_NAMES = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""No name is resolved: as if the network cable were out."""
SIZES = {"tablet": (1280, 800), "tall": (800, 1280), "phone": (390, 844), "kiosk": (1080, 1920)}
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
ROLES = ("administrator", "clinician", "owner", "therapist")
PASSWORD = "one long test sentence"  # noqa: S105 - of made-up people
BLANK = "about:blank"
LANGUAGE_COOKIE = "osteogait_language"
START_S = 120.0
PATIENCE_MS = 60_000
"""For anything that must come: a limit for a slow machine, never a time that a test counts on."""
FRESH_S = 40.0
"""A sign-in is used again so long after it was last: the box locks a screen that nobody touched for 120 s."""


def chromium_missing() -> str:
    """Why there can be no browser test here; empty when there can."""
    return (
        "" if shutil.which(CHROMIUM) else f"{CHROMIUM} is not installed (deploy/install-debian-packages dev)"
    )


@dataclass
class Box:
    """`osteogait serve` in a process of its own, on a folder of its own, with a simulated sensor."""

    folder: Path
    process: subprocess.Popen[str]
    address: str = ""
    said: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    """Ids of the example, for addresses: person, visit, trial, result."""
    listener: threading.Thread | None = None
    states: dict[str, tuple[float, Any]] = field(default_factory=dict)
    """By role: when its sign-in was last used, and the cookies of it."""

    def close(self) -> None:
        """Ends the process as Ctrl-C would."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.listener is not None:
            self.listener.join(5)
        if self.process.stderr is not None:
            self.process.stderr.close()


def start_box(folder: Path, *, accounts: bool = True, example: bool = True, lang: str = "en") -> Box:
    """A box that answers; with `accounts` one of each role, named like the role, is there and the first run is over."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder.parent / f"{folder.name}.yaml"
    settings.write_text("station:\n  sensor: simulated\n", encoding="utf-8")
    # in a thread of its own: Playwright keeps an event loop running in this one
    with ThreadPoolExecutor(1) as apart:
        known = apart.submit(prepare, folder, example, lang).result() if accounts else {}
    command = [sys.executable, "-m", "osteogait", "serve", "--port", "0", "--data", str(folder)]
    process = subprocess.Popen(
        [*command, *(["--example"] if example else [])],
        env=os.environ | {"OSTEOGAIT_CONFIG": str(settings), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    box = Box(folder, process, known=known)
    listening = threading.Event()
    box.listener = threading.Thread(target=_listen, args=(box, listening), daemon=True)
    box.listener.start()
    if not listening.wait(START_S) or not box.address:
        box.close()
        raise RuntimeError("the box did not start:\n" + "".join(box.said))
    return box


def _listen(box: Box, listening: threading.Event) -> None:
    """Keeps what the box says; the first address in it is where it answers."""
    assert box.process.stderr is not None
    for line in box.process.stderr:
        box.said.append(line)
        found = [word for word in line.split() if word.startswith("http")]
        if found and not box.address:
            box.address = found[0]
            listening.set()
    listening.set()


def prepare(folder: Path, example: bool, lang: str) -> dict[str, str]:
    """Accounts of all roles, and the made-up person of `osteogait serve --example`; ids by name."""
    from osteogait.clinic.roles import Role
    from osteogait.web.station import Station

    station = Station(folder, example=example)
    try:
        made = {
            name: station.accounts.add(name, name.title(), Role(name), PASSWORD, "tests") for name in ROLES
        }
        if not example:
            return {}
        from osteogait.web.example import add_example

        add_example(station, made["owner"], lang)
        return _known(station)
    finally:
        station.close()


def _known(station: Any) -> dict[str, str]:
    known = {}
    for person in station.store.people()[:1]:
        known["person"] = person.id
        visits, results = station.store.visits_of(person.id), station.store.results_of(person.id)
        known |= {"visit": visits[-1].id} if visits else {}
        known |= {"result": results[-1].id} if results else {}
        trials = station.trials.of_visit(visits[-1].id) if visits else ()
        known |= {"trial": trials[-1].id} if trials else {}
    return known


@dataclass
class Opened:
    """A page of a role with what it did wrong: other addresses asked, errors in the console, policy broken."""

    page: Page
    box: Box
    wrong: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    """Paths that were asked for."""

    def watch(self) -> None:
        """From now on everything wrong is written down."""
        self.page.on("request", self._request)
        self.page.on("websocket", lambda socket: self._address(socket.url))
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.wrong.append(f"{self.page.url}: {error}"))

    def _request(self, request: Request) -> None:
        self._address(request.url)
        if request.method == "GET":
            self.seen.add(urlsplit(request.url).path)

    def _address(self, url: str) -> None:
        inside = (self.box.address, self.box.address.replace("http", "ws", 1), "data:", "blob:", "about:")
        if not url.startswith(inside):
            self.wrong.append(f"{self.page.url}: asked for {url}")

    def _console(self, message: ConsoleMessage) -> None:
        # a refused form is part of many flows, a refused file of ours is not
        refused = (
            message.text.startswith("Failed to load resource") and "/static/" not in message.location["url"]
        )
        if message.type == "error" and not refused:
            self.wrong.append(f"{self.page.url}: {message.text}")


def open_page(
    browser: Browser, box: Box, role: str | None, lang: str = "en", size: str = "tablet", theme: str = "light"
) -> Opened:
    """A page of a browser that nobody else uses; signed in as `role`, None for a stranger."""
    state = _fresh(box, role)
    context = browser.new_context(**_context(box, state, lang, size, theme))
    context.add_cookies([{"name": LANGUAGE_COOKIE, "value": lang, "url": box.address}])
    context.set_default_timeout(PATIENCE_MS)
    opened = Opened(context.new_page(), box)
    opened.watch()
    if role is not None:
        if state is None:
            sign_in(opened.page, role)
            state = context.storage_state()
        box.states[role] = (time.monotonic(), state)
    return opened


def _fresh(box: Box, role: str | None) -> Any:
    """The cookies of a sign-in that the box cannot have locked meanwhile; None: sign in."""
    used_s, state = box.states.get(role or "", (0.0, None))
    return state if time.monotonic() - used_s < FRESH_S else None


def _context(box: Box, state: Any, lang: str, size: str, theme: str) -> dict[str, Any]:
    width, height = SIZES[size]
    wanted = {
        "base_url": box.address, "viewport": {"width": width, "height": height}, "locale": LANGUAGES[lang],
        "color_scheme": theme, "reduced_motion": "reduce", "has_touch": size != "kiosk",
    }  # fmt: skip
    return wanted if state is None else wanted | {"storage_state": state}


def stop_clock(page: Page) -> None:
    """Time of this page stands from now on, and passes with `page.clock.run_for` alone; an open page is loaded anew.

    `page.clock.install()` alone lets it run as well: then a slow machine counts minutes that the test did not mean.
    """
    opened = page.url
    if opened != BLANK:
        page.goto(BLANK)  # timers of a page that runs would meet another time in the middle
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    if opened != BLANK:
        page.goto(opened)


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """By the form, as a person does."""
    page.goto("/sign-in")
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=password]").fill(password)
    with page.expect_navigation():
        page.locator("form:has(input[name=password]) button[type=submit]").click()
    assert "/sign-in" not in page.url, page.locator("main").inner_text()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's browser, without a network beyond this computer."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[NO_NAMES])
        try:
            yield browser
        finally:
            browser.close()


def scrolls(page: Page) -> tuple[int, int]:
    """Pixels by which the page is wider and higher than its window; (0, 0): all in sight."""
    found = page.evaluate(
        "() => { const e = document.documentElement;"
        " return [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight]; }"
    )
    return int(found[0]), int(found[1])


def violations(page: Page, script: str) -> list[str]:
    """Serious and critical findings of axe-core, a line each."""
    page.evaluate(script)
    found = page.evaluate(
        "() => axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)"
    )
    return [
        f"{page.url}: {one['id']} ({one['help']}): "
        + "; ".join(node["html"][:160] for node in one["nodes"][:4])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def small_targets(page: Page, least: int = 48) -> list[str]:
    """Links, buttons and inputs that a gloved thumb would miss; links within a sentence are not meant."""
    return list(page.evaluate(SMALL, least))


SMALL = """(least) => [...document.querySelectorAll('a, button, input, select, textarea, summary')].filter(one => {
  const meant = !one.matches('.skip, p a, li a, td a, th a, [type=hidden], [disabled]');
  if (!meant || one.closest('dialog:not([open])')) return false;
  const inner = one.closest('label, .field-box') ?? one, box = inner.getBoundingClientRect();
  return box.width > 0 && (box.height < least - 0.5 || box.width < least - 0.5);
}).map(one => one.outerHTML.slice(0, 140))"""


def close_all(pages: list[Opened]) -> list[str]:
    """Closes the browsers of these pages; everything that went wrong on them."""
    wrong = []
    for opened in pages:
        context: BrowserContext = opened.page.context
        context.close()
        wrong += opened.wrong
    return wrong


@dataclass(frozen=True)
class Stop:
    """One picture of a tour: `path` is opened (ids of the example in braces), then `steps` are taken.

    Stops of one tour are walked in order in one browser per role, language and size, so a later one may go on
    where an earlier one ended (path ""). `fits`: must not scroll on a tablet, lying or standing. `new_box`: on a box
    before its first run, one for every look.
    """

    name: str
    role: str | None
    path: str = ""
    steps: Callable[[Page], None] | None = None
    sizes: tuple[str, ...] = ("tablet", "tall", "phone")
    fits: bool = False
    new_box: bool = False
