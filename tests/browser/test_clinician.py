"""The clinician's whole way in a real browser, in both languages, by mouse and by keyboard alone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import harness
import pytest

sys.path.insert(0, str(Path(__file__).with_name("tours")))

if TYPE_CHECKING:
    from playwright.sync_api import Page

PageOf = Callable[..., "Page"]
Axe = Callable[["Page"], list[str]]
WORDS = {
    "en": {"final": "Final", "again": "This file was known", "not": "This is not the effect of a treatment."},
    "zh": {"final": "正式", "again": "该文件此前已保存", "not": "这不是治疗效果。"},
}


@pytest.fixture(scope="module")
def own_box(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """A box of this file's own, because reports are signed in it."""
    started = harness.start_box(tmp_path_factory.mktemp("clinic") / "data")
    yield started
    started.close()


@pytest.mark.parametrize(
    ("lang", "size", "theme"), [("en", "tablet", "dark"), ("zh", "tall", "light"), ("zh", "phone", "light")]
)
def test_every_page_is_readable_and_inside_its_window(
    page_of: PageOf, axe: Axe, own_box: harness.Box, lang: str, size: str, theme: str
) -> None:
    page = page_of("clinician", lang, size, theme, of=own_box)
    known = own_box.known
    addresses = (
        "/reports", f"/people/{known['person']}/reports", f"/results/{known['result']}",
        f"/people/{known['person']}/values", f"/people/{known['person']}/files", "/uploads",
        f"/results/{known['result']}/what-if", f"/trials/{known['trial']}/signal",
        f"/people/{known['person']}/exports",
    )  # fmt: skip
    for address in addresses:
        page.goto(address)
        assert axe(page) == []
        assert harness.scrolls(page)[0] == 0, address
        assert harness.small_targets(page) == [], address


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_report_is_read_compared_and_signed(
    page_of: PageOf, axe: Axe, own_box: harness.Box, lang: str
) -> None:
    from clinician import compare, sign

    page = page_of("clinician", lang, of=own_box)
    page.goto("/reports")
    page.locator(".report-line").first.click()
    compare(page)
    assert WORDS[lang]["not"] in page.locator("#differ").inner_text()
    assert axe(page) == []
    sign(page)
    assert WORDS[lang]["final"] in page.locator("header .verdict").inner_text()
    with page.expect_navigation():
        page.locator(".frame-actions form:not([target]) button").last.click()
    assert page.locator("#sign").count() == 1  # the amended version waits for a signature again


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_file_is_looked_at_kept_and_known_again(
    page_of: PageOf, axe: Axe, own_box: harness.Box, lang: str
) -> None:
    from clinician import choose_file, keep

    page = page_of("clinician", lang, of=own_box)
    for again in (False, True):
        page.goto("/uploads")
        choose_file(page)
        assert page.locator("table").count() == 2
        assert axe(page) == []
        keep(page)
        if again:
            assert WORDS[lang]["again"] in page.locator("main").inner_text()


def test_values_by_keyboard_alone(page_of: PageOf, own_box: harness.Box) -> None:
    page = page_of("clinician", of=own_box)
    page.goto(f"/people/{own_box.known['person']}/values")
    page.locator("[name='v.height']").focus()
    page.keyboard.type("157")
    page.keyboard.press("Tab")  # unit
    page.keyboard.press("Tab")
    page.keyboard.type("52.5")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "2 values are kept." in page.locator("main").inner_text()


def test_what_was_mistyped_is_told_beside_its_field(page_of: PageOf, axe: Axe, own_box: harness.Box) -> None:
    from clinician import mistype

    page = page_of("clinician", of=own_box)
    page.goto(f"/people/{own_box.known['person']}/values")
    mistype(page)
    assert page.locator(".value.is-wrong").count() == 2
    assert page.locator(".value.is-unusual").count() == 1
    assert page.locator("[name='v.weight']").input_value() == "20"
    assert page.locator("[name='v.weight']").get_attribute("aria-invalid") == "true"
    assert axe(page) == []


def test_who_types_for_long_is_heard(page_of: PageOf, own_box: harness.Box) -> None:
    """The box hears of the last touch within half a minute, so a long form is not lost to the lock."""
    page = page_of("clinician", of=own_box)
    harness.stop_clock(page)
    path = f"/people/{own_box.known['person']}/values"
    page.goto(path)
    page.locator("[name='v.weight']").focus()
    heard: list[str] = []
    page.on("request", lambda request: heard.append(request.method) if "/notice" in request.url else None)
    page.clock.run_for(20_000)
    page.keyboard.type("5")
    assert heard == [], "the page itself came half a minute ago at most"
    with page.expect_request("**/notice"):
        page.clock.run_for(10_500)
    assert heard == ["HEAD"], "what came since is told"
    page.clock.run_for(100_000)
    assert page.url.endswith(path), "nearly as long as the lock waits"
    assert heard == ["HEAD"], "who does nothing is not told of"
    for _ in range(4):
        with page.expect_request("**/notice"):
            page.keyboard.type("1")
            page.clock.run_for(30_000)
    assert page.url.endswith(path)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(".value.is-wrong").count() == 1, "51111 kg is refused, and not lost"
    assert page.locator("[name='v.weight']").input_value() == "51111"
