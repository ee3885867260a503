"""The physiotherapist in a real browser: a whole screening in both languages, and pages fit for gloves and readers."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import harness
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

PageOf = Callable[..., "Page"]
Axe = Callable[["Page"], list[str]]
DONE = {"en": "Usable", "zh": "可用"}


@pytest.fixture(scope="module")
def tour() -> ModuleType:
    """The steps of the tour are those of the flow."""
    spec = importlib.util.spec_from_file_location(
        "tour_of_therapist", Path(__file__).parent / "tours/therapist.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def quick_box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.Box]:
    """A box whose simulated person moves eight times as fast as in life."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OSTEOGAIT_SIMULATED_SPEED", "8")
        box = harness.start_box(tmp_path_factory.mktemp("quick") / "data")
    yield box
    box.close()


def _fits(page: Page, axe: Axe) -> None:
    page.wait_for_load_state()
    assert harness.scrolls(page) == (0, 0), page.url
    _usable(page, axe)


def _usable(page: Page, axe: Axe) -> None:
    page.wait_for_load_state()
    assert axe(page) == []
    assert harness.small_targets(page) == []
    assert harness.scrolls(page)[0] == 0, page.url


@pytest.mark.parametrize(("lang", "size"), [("en", "tablet"), ("zh", "tall")])
def test_a_whole_screening(
    page_of: PageOf, quick_box: harness.Box, axe: Axe, tour: ModuleType, lang: str, size: str
) -> None:
    page = page_of("therapist", lang, size, of=quick_box)
    page.goto("/people")
    _usable(page, axe)
    page.locator("a[href$='/people/new']").first.click()
    page.wait_for_url("**/people/new")
    _fits(page, axe)
    tour.wrong_fields(page)
    _usable(page, axe)
    tour.right_fields(page)
    _fits(page, axe)
    tour.agree(page)
    _fits(page, axe)
    page.locator("button[value=quick]").click()
    page.wait_for_url("**/sensor")
    _fits(page, axe)
    tour.check(page)
    _fits(page, axe)
    tour.first_test(page)
    _fits(page, axe)
    tour.why(page)
    _fits(page, axe)
    tour.skip(page)
    page.locator("form[action$='/start'] button").click()
    tour.judged(page)
    assert DONE[lang] in page.locator("main").inner_text()
    _fits(page, axe)
    page.locator("form[action$='/accept'] button").click()
    page.wait_for_url("**/result", timeout=tour.TEST_MS)
    _usable(page, axe)
    page.locator("form[action$='/work-out'] button").click()
    page.wait_for_url("**/report", timeout=tour.TEST_MS)
    _usable(page, axe)


@pytest.mark.parametrize(("lang", "size", "theme"), [("en", "phone", "light"), ("zh", "tablet", "dark")])
def test_every_other_page(
    page_of: PageOf, box: harness.Box, axe: Axe, lang: str, size: str, theme: str
) -> None:
    page = page_of("therapist", lang, size, theme)
    person, visit = box.known["person"], box.known["visit"]
    for path in (
        "/people", f"/people/{person}", f"/people/{person}/details", f"/people/{person}/consent",
        f"/people/{person}/trend", f"/people/{person}/tests", f"/visits/{visit}", f"/visits/{visit}/result",
        f"/visits/{visit}/report", f"/visits/{visit}/tests/walk/skip", "/sensor",
    ):  # fmt: skip
        page.goto(path)
        _usable(page, axe)


def test_a_search_answers_while_somebody_types(page_of: PageOf) -> None:
    page = page_of("therapist")
    page.goto("/people")
    with page.expect_response("**/people/found*"):
        page.locator("input[name=q]").press_sequentially("exam")
    page.locator("#found a[href*='/people/']").wait_for()
    assert "Example person" in page.locator("#found").inner_text()


def test_a_person_is_found_and_tested_by_keyboard_alone(page_of: PageOf, tour: ModuleType) -> None:
    page = page_of("therapist")
    page.goto("/people/new")
    assert page.evaluate("() => document.activeElement.name") == "birth_year"
    page.keyboard.type("1948")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("165")
    page.keyboard.press("Enter")
    page.wait_for_url("**/consent")


def test_the_slip_prints_without_a_name(page_of: PageOf, box: harness.Box, tour: ModuleType) -> None:
    page = page_of("therapist")
    page.goto(f"/people/{box.known['person']}")
    tour.slip(page)
    page.emulate_media(media="print")
    assert page.locator(".slip-code").is_visible()
    assert not page.locator(".frame-who").is_visible()


@pytest.mark.parametrize(("lang", "size"), [("en", "tablet"), ("zh", "tall"), ("en", "phone")])
def test_under_way_all_is_in_sight_and_broken_off_the_page_is_ready(
    page_of: PageOf, box: harness.Box, axe: Axe, lang: str, size: str
) -> None:
    """At the pace of life: played faster, the page would go on to the verdict while it is looked at."""
    page = page_of("therapist", lang, size)
    page.goto(f"/people/{box.known['person']}/tests")
    page.locator("button[value=quick]").click()
    page.wait_for_url("**/sensor")
    page.goto(page.url.replace("/sensor", "/next"))
    page.locator("form[action$='/start'] button").click()
    page.locator("[data-live]").wait_for()
    _fits(page, axe)
    page.locator("form[action$='/cancel'] button").click()
    page.locator("form[action$='/start']").wait_for()


def test_on_paper_a_hollow_figure_is_hollow_also_from_a_dark_screen(
    page_of: PageOf, box: harness.Box
) -> None:
    page = page_of("therapist", "zh", "tablet", "dark")
    page.goto(f"/visits/{box.known['visit']}/report")
    page.emulate_media(media="print", color_scheme="dark")
    fills = {
        kind: page.locator(f".hundred .{kind} circle").first.evaluate("one => getComputedStyle(one).fill")
        for kind in ("full", "hollow")
    }
    assert fills["hollow"] == "rgb(255, 255, 255)"
    assert fills["full"] != fills["hollow"]


@pytest.mark.parametrize("size", ["tablet", "tall", "phone"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_test_is_in_sight_at_once(
    page_of: PageOf, quick_box: harness.Box, tour: ModuleType, lang: str, size: str
) -> None:
    page = page_of("therapist", lang, size, of=quick_box)
    page.goto(f"/people/{quick_box.known['person']}/tests")
    page.locator("button[value=full]").click()
    page.wait_for_url("**/sensor")
    tour.check(page)
    seen = {page.url: harness.scrolls(page)}
    page.goto(page.url.replace("/sensor", ""))
    addresses = page.locator(".step-list a").evaluate_all("all => all.map(one => one.pathname)")
    assert len(addresses) == 13
    for address in addresses:
        for path in (address, f"{address}/skip"):
            page.goto(path)
            page.wait_for_load_state()
            seen[path] = harness.scrolls(page)
            assert harness.small_targets(page) == []
    assert {path: out for path, out in seen.items() if out != (0, 0)} == {}
