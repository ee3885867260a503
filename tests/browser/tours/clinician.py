"""The clinician's room: from the queue to the signature, values, a file with good and bad rows, exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import harness
from harness import Stop

if TYPE_CHECKING:
    from playwright.sync_api import Page

LAB = (
    "patient_id,collected_at,code_system,code,name,value,comparator,unit,ref_low,ref_high,method,lab,fasting\n"
    "{person},2026-01-05T07:40+08:00,LN,41171-0,CTX,0.62,,ng/mL,0.104,1.008,ECLIA,central,Y\n"
    "{person},2026-01-05T07:40+08:00,LN,2731-8,PTH,8,<,pg/mL,,,,,\n"
    "C-9999,2026-01-05T07:40+08:00,LN,41171-0,CTX,0.62,,ng/mL,,,,,Y\n"
    "{person},2026-01-05T07:40+08:00,LN,2000-8,calcium,9.2,,mmol/L,,,,,\n"
)


def open_parts(page: Page) -> None:
    """Everything that is folded, open."""
    page.evaluate("() => document.querySelectorAll('details').forEach(one => { one.open = true; })")
    page.locator("#differ").scroll_into_view_if_needed()  # it is fetched when it comes in sight
    page.locator("#differ table").wait_for()


def compare(page: Page) -> None:
    """Somebody who weighs more."""
    page.locator("#what-if summary").click()
    page.locator("#w-weight").wait_for()
    page.locator("#w-weight").focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.locator("#differ a.button").wait_for()


def mistype(page: Page) -> None:
    """A slip in each of the ways that people slip."""
    page.locator("[name='v.height']").fill("139")
    page.locator("[name='v.weight']").fill("20")
    page.locator("[name='v.fn_t']").fill("-2.1")
    page.locator("[name='r.fn_t']").fill("-1.2")
    with page.expect_navigation():
        page.locator(".frame-actions button").last.click()


def choose_file(page: Page) -> None:
    """A table of which two rows are good."""
    content = LAB.format(person=_person(page)).encode()
    page.locator("[name=file]").set_input_files(
        {"name": "lab.csv", "mimeType": "text/csv", "buffer": content}
    )
    with page.expect_navigation():
        page.locator("main form button").first.click()


def _person(page: Page) -> str:
    """The pseudonym of the example, from the way back to them."""
    page.goto("/reports")
    page.locator(".report-line").first.click()
    address = page.locator(".tabs a").first.get_attribute("href") or ""
    page.goto("/uploads")
    return address.rsplit("/", 1)[1]


def keep(page: Page) -> None:
    """Yes to the preview."""
    with page.expect_navigation():
        page.locator(".frame-actions form button").click()


def sign(page: Page) -> None:
    """Read and signed."""
    page.locator("[name=read]").check()
    page.locator("#sign [name=password]").fill(harness.PASSWORD)
    with page.expect_navigation():
        page.locator("#sign button").click()


TOUR = (
    Stop("queue", "clinician", "/reports"),
    Stop("person", "clinician", "/people/{person}/reports"),
    Stop("report", "clinician", "/results/{result}"),
    Stop("report-open", "clinician", "/results/{result}", open_parts),
    Stop("compare", "clinician", "/results/{result}", compare),
    Stop("values", "clinician", "/people/{person}/values"),
    Stop("values-wrong", "clinician", "", mistype),
    Stop("files", "clinician", "/people/{person}/files"),
    Stop("upload", "clinician", "/uploads", fits=True),
    Stop("preview", "clinician", "", choose_file),
    Stop("kept", "clinician", "", keep),
    Stop("signal", "clinician", "/trials/{trial}/signal"),
    Stop("compare-alone", "clinician", "/results/{result}/what-if"),
    Stop("exports", "clinician", "/people/{person}/exports"),
)
