"""The kiosk in a real browser: all in sight, large enough, safe from shaking hands, wiped when nobody is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import harness
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

PageOf = Callable[..., "Page"]
Axe = Callable[["Page"], list[str]]
GO_ON = ".kiosk-form .button.primary"
NUMBERS = {6: "158", 7: "57"}
LEAST_PX = 24.0
"""18 pt."""
SETTLED_MS = 500
SMALL_TEXT = """(least) => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), small = [];
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || !one.checkVisibility() || one.closest('.sr, template, noscript')) continue;
    if (parseFloat(getComputedStyle(one).fontSize) < least - 0.1) small.push(one.outerHTML.slice(0, 120));
  }
  return small;
}"""

COVERED = """() => [...document.querySelectorAll('button, a')].filter(one => one.checkVisibility()).filter(one => {
  one.scrollIntoView({ block: 'center' });
  const box = one.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return !(top && (one.contains(top) || top.contains(one)) && top !== document.body);
}).map(one => one.outerHTML.slice(0, 120))"""


def touch(page: Page, selector: str) -> None:
    with page.expect_navigation():
        page.locator(selector).first.click()


def keys(page: Page, digits: str) -> None:
    for digit in digits:
        page.locator(f"[data-key='{digit}']").click()


def fits(page: Page, axe: Axe) -> None:
    page.wait_for_load_state()
    assert axe(page) == []
    assert harness.small_targets(page) == []
    assert page.evaluate(SMALL_TEXT, LEAST_PX) == [], page.url
    assert harness.scrolls(page) == (0, 0), page.url


def arrived(page: Page) -> None:
    page.goto("/kiosk/about?sex=female")
    keys(page, "1948")
    touch(page, GO_ON)


def consented(page: Page) -> None:
    arrived(page)
    touch(page, "button[value=yes]")


def answer(page: Page) -> None:
    """The question in sight: the first answer, or a number."""
    number = int(re.findall(r"(\d+)$", page.url)[0])
    if number in NUMBERS:
        keys(page, NUMBERS[number])
        touch(page, GO_ON)
    else:
        touch(page, "button[name=answer]")


def to_result(page: Page, look: Callable[[], None] = lambda: None) -> None:
    """All questions without the movements; `look` at every page on the way."""
    while not page.url.endswith("/result"):
        look()
        if page.url.endswith("/tests"):
            touch(page, "button[name=without]")
        else:
            answer(page)
    look()
    touch(page, "main form[action$='/result'] button")


def read_on(page: Page) -> None:
    """What does not fit is offered by a key, which goes when the last line is in sight."""
    more, last = page.locator("[data-more]"), page.locator(".kiosk-result > :last-child")
    for _ in range(12):
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        if not more.is_visible():
            break
        more.evaluate("one => one.click()")  # it may go while it is being touched
    more.wait_for(state="hidden")
    edge = page.evaluate("() => document.querySelector('.kiosk-result').getBoundingClientRect().bottom")
    box = last.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= edge + 5


@pytest.mark.parametrize(
    ("lang", "size"), [("en", "kiosk"), ("zh", "tall"), ("zh", "tablet"), ("en", "tablet"), ("en", "tall")]
)
def test_everything_is_in_sight_and_large(page_of: PageOf, axe: Axe, lang: str, size: str) -> None:
    page = page_of(None, lang, size)
    for path in ("/kiosk", "/kiosk/start", "/kiosk/code", "/kiosk/help", "/kiosk/about"):
        page.goto(path)
        fits(page, axe)
    page.goto("/kiosk/about?sex=male")
    keys(page, "195")
    touch(page, GO_ON)
    assert page.locator(".kiosk-problem").is_visible()
    fits(page, axe)
    page.locator("[data-key=clear]").click()
    keys(page, "1950")
    touch(page, GO_ON)
    fits(page, axe)
    page.locator("[data-leave] button").click()
    assert page.locator("[data-sure]").is_visible()
    fits(page, axe)
    page.locator("[data-sure-no]").click()
    touch(page, "button[value=yes]")
    to_result(page, lambda: fits(page, axe))
    fits(page, axe)
    read_on(page)
    fits(page, axe)
    for test in ("chair_stand_5x", "walk", "quiet_stance"):
        page.goto(f"/kiosk/tests/{test}")
        fits(page, axe)
    page.goto("/kiosk/result")
    touch(page, "main form[action$='/leave'] button")
    fits(page, axe)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_on_a_telephone_nothing_lies_on_another(page_of: PageOf, axe: Axe, lang: str) -> None:
    page = page_of(None, lang, "phone")

    def look() -> None:
        assert axe(page) == []
        assert harness.small_targets(page) == []
        assert harness.scrolls(page)[0] == 0, page.url
        page.locator("main:not(.settling)").wait_for()
        covered = page.evaluate(COVERED)
        assert covered == [], page.url

    for path in ("/kiosk", "/kiosk/code", "/kiosk/about?sex=female"):
        page.goto(path)
        look()
    consented(page)
    to_result(page, look)
    look()
    page.goto("/kiosk/tests/walk")
    look()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_first_touch_chooses_the_language(page_of: PageOf, lang: str) -> None:
    page = page_of(None, "en", "tablet")
    page.goto("/kiosk")
    touch(page, f"button[name=lang][value={lang}]")
    assert page.url.endswith("/kiosk/start")
    assert page.locator("html").get_attribute("lang") == harness_lang(lang)


def harness_lang(lang: str) -> str:
    return {"en": "en", "zh": "zh-Hans"}[lang]


def test_a_number_by_large_keys(page_of: PageOf) -> None:
    page = page_of(None, "en", "tablet")
    page.goto("/kiosk/about?sex=male")
    shown, age = page.locator("#k-year"), page.locator("[data-age]")
    assert shown.input_value() == ""
    keys(page, "19423")
    assert shown.input_value() == "1942", "never more than four digits"
    page.locator("[data-key=back]").click()
    assert shown.input_value() == "194"
    assert age.inner_text() == ""
    keys(page, "1")
    assert re.fullmatch(r"This year you turn \d\d\.", age.inner_text())
    page.locator("[data-key=clear]").click()
    assert shown.input_value() == ""
    page.keyboard.type("1942")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/kiosk/consent")


def test_enter_never_means_i_do_not_know(page_of: PageOf) -> None:
    page = page_of(None, "en", "tablet")
    consented(page)
    page.goto("/kiosk/questions/6")
    page.keyboard.type("161")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto("/kiosk/questions/6")
    assert page.locator("#k-number").input_value() == "161"


def test_a_second_touch_does_not_answer_the_next_question(page_of: PageOf) -> None:
    page = page_of(None, "en", "tablet")
    harness.stop_clock(page)
    page.goto("/kiosk/about?sex=female")
    page.clock.run_for(SETTLED_MS)
    keys(page, "1948")
    touch(page, GO_ON)
    page.clock.run_for(SETTLED_MS)
    touch(page, "button[value=yes]")
    page.clock.run_for(SETTLED_MS)
    first = page.locator("button[name=answer]").first.bounding_box()
    assert first is not None
    x, y = first["x"] + first["width"] / 2, first["y"] + first["height"] / 2
    with page.expect_navigation():
        page.mouse.click(x, y)
    assert page.url.endswith("/questions/2")
    page.mouse.click(x, y)
    assert page.locator("main.settling").count() == 1
    page.clock.run_for(SETTLED_MS)
    assert page.url.endswith("/questions/2")
    assert page.locator("main.settling").count() == 0
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    with page.expect_navigation():
        page.evaluate(
            "() => { const one = document.querySelector('button[name=answer]'); one.click(); one.click(); }"
        )
    assert page.url.endswith("/questions/3")
    assert len(sent) == 1


def test_stop_asks_first_and_then_wipes(page_of: PageOf) -> None:
    page = page_of(None, "en", "kiosk")
    consented(page)
    page.locator("[data-leave] button").click()
    page.locator("[data-sure-no]").click()
    assert not page.locator("[data-sure]").is_visible()
    answer(page)
    assert page.url.endswith("/questions/2")
    page.locator("[data-leave] button").click()
    touch(page, "[data-sure-yes]")
    assert page.url.endswith("/kiosk/goodbye")


def test_whoever_leaves_leaves_nothing_in_the_history(page_of: PageOf) -> None:
    page = page_of(None, "en", "kiosk")
    consented(page)
    to_result(page)
    assert "points" in page.locator("main").inner_text()
    touch(page, "main form[action$='/leave'] button")
    for _ in range(8):
        page.go_back()
        page.wait_for_load_state()
        text = page.locator("body").inner_text()
        assert not re.search(r"\d+ of 10|OSTA", text), page.url
        assert page.locator("[aria-pressed=true]").count() == 0, page.url
        assert page.locator("#k-year, #k-number").evaluate_all("all => all.every(one => one.value === '')"), (
            page.url
        )


def test_a_kiosk_left_alone_asks_and_then_wipes(page_of: PageOf) -> None:
    page = page_of(None, "en", "kiosk")
    consented(page)
    harness.stop_clock(page)
    page.reload()
    after_s = int(page.locator("body").get_attribute("data-wipe-after") or 0)
    assert after_s == 60
    still = page.locator("[data-still]")
    page.clock.run_for((after_s - 21) * 1000)
    assert not still.is_visible()
    page.clock.run_for(2000)
    assert still.is_visible(), "20 s to answer"
    page.locator("[data-still-yes]").click()
    page.clock.run_for((after_s - 21) * 1000)
    assert not still.is_visible()
    page.clock.run_for(20_000)
    assert still.is_visible()
    with page.expect_navigation(url="**/kiosk/goodbye"):
        page.clock.run_for(2000)
    page.goto("/kiosk/questions/1")
    assert "/questions/" not in page.url


def test_the_box_hears_of_a_slow_guest(page_of: PageOf) -> None:
    """Who presses keys for long on one page is still somebody when the next page is asked for."""
    page = page_of(None, "en", "tablet")
    consented(page)
    harness.stop_clock(page)
    page.goto("/kiosk/questions/6")
    page.clock.run_for(SETTLED_MS)
    heard: list[str] = []
    page.on("request", lambda request: heard.append(request.url) if request.method == "HEAD" else None)
    for _ in range(3):
        page.clock.run_for(16_000)
        with page.expect_request("**/kiosk"):
            keys(page, "1")
            page.clock.run_for(1)
    assert len(heard) == 3
    keys(page, "0")
    page.clock.run_for(14_000)
    assert len(heard) == 3, "at most every fifteen seconds"
    with page.expect_request("**/kiosk"):
        page.clock.run_for(1_500)
    page.clock.run_for(30_000)
    assert len(heard) == 4, "who does nothing is not told of"


@pytest.mark.parametrize("path", ["/kiosk/start", "/kiosk/about?sex=female", "/kiosk/code"])
def test_a_page_before_the_visit_is_left_behind_too(page_of: PageOf, path: str) -> None:
    page = page_of(None, "zh", "tablet")
    harness.stop_clock(page)
    page.goto(path)
    page.clock.run_for(45_000)
    assert page.locator("[data-still]").is_visible()
    with page.expect_navigation(url="**/kiosk"):
        page.clock.run_for(16_000)
    page.clock.run_for(600_000)
    assert page.url.endswith("/kiosk"), "the first page rests"


def test_a_wiped_screen_is_empty_at_once(page_of: PageOf) -> None:
    """Also where the box is slow to answer, or gone."""
    page = page_of(None, "en", "tablet")
    consented(page)
    harness.stop_clock(page)
    page.reload()
    page.route("**/kiosk/leave", lambda route: route.abort("aborted"))
    page.clock.run_for(62_000)
    page.locator("main:empty").wait_for(state="attached")


def test_the_page_on_paper_is_whole(page_of: PageOf) -> None:
    page = page_of(None, "en", "tablet")
    consented(page)
    to_result(page)
    page.emulate_media(media="print")
    for gone in (".kiosk-head", ".kiosk-actions", "[data-more]"):
        assert not page.locator(f"{gone} >> nth=0").is_visible(), gone
    inner, outer = page.locator(".kiosk-result").evaluate("one => [one.scrollHeight, one.clientHeight]")
    assert inner <= outer, "nothing is cut off"
    text = page.locator("main").inner_text()
    assert re.match(r"Your result \S.*20\d\d", text), "the day is on it"
    assert "For your doctor" in text
    assert "not a medical device" in text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_page_can_be_heard(page_of: PageOf, lang: str) -> None:
    page = page_of(None, lang, "tablet")
    silent: list[str] = []

    def listen() -> None:
        sound = page.locator("[data-say]")
        answer = page.request.get(sound.get_attribute("data-say") or "") if sound.count() else None
        if answer is None or answer.status != 200 or len(answer.body()) < 10_000:
            silent.append(page.url)

    for path in ("/kiosk/start", "/kiosk/code", "/kiosk/help", "/kiosk/about", "/kiosk/about?sex=female"):
        page.goto(path)
        listen()
    arrived(page)
    listen()
    touch(page, "button[value=yes]")
    to_result(page, listen)
    listen()
    for test in ("chair_stand_5x", "walk", "quiet_stance"):
        page.goto(f"/kiosk/tests/{test}")
        listen()
    assert silent == []
