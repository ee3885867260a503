"""All parts of the screen in a real browser: readable to machines, large enough, inside the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import harness
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

PageOf = Callable[..., "Page"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("lang", "size"), [("en", "tablet"), ("zh", "phone")])
def test_parts(page_of: PageOf, axe: Callable[[Page], list[str]], theme: str, lang: str, size: str) -> None:
    page = page_of("administrator", lang, size, theme)
    page.goto("/gallery")
    assert page.locator(".tile").count() > 0
    assert axe(page) == []
    assert harness.small_targets(page) == []
    assert harness.scrolls(page)[0] == 0
    assert page.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-Hans"}[lang]


def test_axe_and_the_other_watchers_see_what_is_wrong(
    page_of: PageOf, axe: Callable[[Page], list[str]]
) -> None:
    page = page_of("administrator")
    page.goto("/gallery")
    page.evaluate(
        "() => { const main = document.querySelector('main');"
        " main.innerHTML = '<input><a href=\"/\" class=\"tiny\">x</a>'; main.style.width = '3000px';"
        " main.style.maxWidth = 'none'; }"
    )
    assert any("label" in one for one in axe(page))
    assert any("tiny" in one for one in harness.small_targets(page))
    assert harness.scrolls(page)[0] > 1000


@pytest.mark.parametrize("wrong", ["fetch('http://192.0.2.1/x').catch(() => 0)", "console.error('broken')"])
def test_what_goes_wrong_on_a_page_is_written_down(browser: object, box: harness.Box, wrong: str) -> None:
    opened = harness.open_page(browser, box, "administrator")  # type: ignore[arg-type]
    opened.page.goto("/gallery")
    assert opened.wrong == []
    with opened.page.expect_console_message():
        opened.page.evaluate(f"() => {{ {wrong}; }}")
    assert harness.close_all([opened]) != []


def test_an_inline_script_does_not_run(browser: object, box: harness.Box) -> None:
    opened = harness.open_page(browser, box, "administrator")  # type: ignore[arg-type]
    opened.page.goto("/gallery")
    with opened.page.expect_console_message():
        opened.page.evaluate(
            "() => { const one = document.createElement('script'); one.textContent = 'window.ran = 1';"
            " document.body.append(one); }"
        )
    assert opened.page.evaluate("() => window.ran") is None
    assert any("Content Security Policy" in one for one in harness.close_all([opened]))


def test_a_dialog_by_keyboard_alone(page_of: PageOf) -> None:
    page = page_of("administrator")
    page.goto("/gallery")
    opener = page.locator("[data-opens]").first
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog")
    assert dialog.evaluate("one => one.open")
    assert dialog.evaluate("one => one.contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert not dialog.evaluate("one => one.open")
    assert opener.evaluate("one => one === document.activeElement")
    opener.click()
    dialog.locator("[data-closes]").last.click()
    assert not dialog.evaluate("one => one.open")


def test_the_keyboard_sees_where_it_is(page_of: PageOf) -> None:
    page = page_of("administrator")
    page.goto("/gallery")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")
        outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
        inside = page.evaluate("() => document.querySelector('main').contains(document.activeElement)")
        assert (outline, inside) == ("solid", True)


HIDDEN = """() => {
  const one = document.activeElement.closest('label, .field-box') ?? document.activeElement;
  const bar = document.querySelector('.frame-actions'), box = one.getBoundingClientRect();
  const bottom = box.top + Math.min(box.height, 48);  // of a tall field the line with the caret
  if (bar.contains(one) || bottom <= bar.getBoundingClientRect().top && box.top >= 0) return '';
  return one.outerHTML.slice(0, 120);
}"""


@pytest.mark.parametrize("size", ["tablet", "phone"])
def test_what_has_the_focus_is_in_sight(page_of: PageOf, size: str) -> None:
    page = page_of("administrator", "en", size)
    page.goto("/gallery")
    page.locator("main").focus()
    seen = 0
    while not page.evaluate("() => document.activeElement.closest('.frame-actions') !== null"):
        page.keyboard.press("Tab")
        assert page.evaluate(HIDDEN) == ""
        seen += 1
    assert seen > 10


def test_a_long_name_leaves_language_and_lock_in_one_line(page_of: PageOf) -> None:
    page = page_of("administrator", "en", "phone")
    page.goto("/gallery")
    page.locator(".frame-tools > a").evaluate(
        "one => { one.textContent = 'Maximiliane Oberhuber-Lindenthal' }"
    )
    tools = page.locator(".frame-tools > *")
    tops = {round(box["y"]) for one in tools.all() if (box := one.bounding_box()) is not None}
    assert len(tops) == 1
    assert harness.scrolls(page)[0] == 0
    mark = page.locator(".frame-mark").bounding_box()
    assert mark is not None
    assert abs(mark["y"] - tops.pop()) < 2


@pytest.mark.parametrize("role", ["therapist", "clinician", None])
def test_it_is_for_administrators(page_of: PageOf, role: str | None) -> None:
    page = page_of(role)
    page.goto("/gallery")
    assert page.locator(".tile").count() == 0


def test_a_picture_of_the_whole_page_on_paper(page_of: PageOf) -> None:
    page = page_of("administrator")
    page.goto("/gallery")
    page.emulate_media(media="print")
    assert not page.locator(".frame-nav").is_visible()
    assert not page.locator(".frame-actions").is_visible()
    assert page.locator("h1").is_visible()
