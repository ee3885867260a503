"""The process that makes PDFs: warm, alone with its memory, started again when it is gone."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from osteogait.errors import MissingExtra, OsteogaitError
from osteogait.report import pdf_worker
from osteogait.report.build import build_report
from osteogait.report.pdf_worker import PdfWorker
from osteogait.report.render import render_html

PAGE = "<!doctype html><html lang=zh><title>t</title><p>{}</p>"
Cases = dict[str, Callable[[str], dict[str, Any]]]


@pytest.fixture(scope="module")
def worker() -> Iterator[PdfWorker]:
    made = PdfWorker()
    yield made
    made.close()
    assert made.pid is None


def text_of(content: bytes) -> str:
    run = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)
    return re.sub(r"\s+", "", run.stdout.decode())


def test_a_page_becomes_a_pdf_with_its_words(worker: PdfWorker) -> None:
    assert "骨质疏松" in text_of(worker.pdf(PAGE.format("骨质疏松")))


def test_the_whole_report_in_both_languages(worker: PdfWorker, cases: Cases, lang: str) -> None:
    data = build_report(cases["everything"](lang), lang=lang)
    content = worker.pdf(render_html(data))
    assert re.sub(r"\s+", "", data.notice) in text_of(content)


def test_one_process_for_many_pages(worker: PdfWorker) -> None:
    worker.warm()
    first = worker.pid
    assert first is not None
    worker.pdf(PAGE.format("two"))
    assert worker.pid == first


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_worker_is_started_again(worker: PdfWorker, how: signal.Signals) -> None:
    worker.pdf(PAGE.format("one"))
    before = worker.pid
    assert before is not None
    os.kill(before, how)
    assert "again" in text_of(worker.pdf(PAGE.format("again")))
    assert worker.pid not in (None, before)


def test_killed_in_the_middle_of_a_page_it_starts_the_page_again(worker: PdfWorker) -> None:
    worker.warm()
    pid = worker.pid
    assert pid is not None
    threading.Timer(0.15, os.kill, (pid, signal.SIGKILL)).start()
    rows = "".join(f"<tr><td>{number}<td>行" for number in range(1500))
    assert "1499" in text_of(worker.pdf(f"<table>{rows}</table>"))
    assert worker.pid != pid


def test_pages_of_several_threads_are_not_mixed_up(worker: PdfWorker) -> None:
    found: dict[str, str] = {}

    def make(word: str) -> None:
        found[word] = text_of(worker.pdf(PAGE.format(word)))

    threads = [threading.Thread(target=make, args=(f"word{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {word: word for word in found}
    assert len(found) == 4


def test_an_address_is_refused_and_the_worker_goes_on(worker: PdfWorker) -> None:
    with pytest.raises(OsteogaitError) as failed:
        worker.pdf("<p>Mrs Secret</p><img src='http://example.org/spy.png'>")
    assert failed.value.code == "pdf_failed"
    assert "Secret" not in failed.value.message("en")  # words of a page are a person's
    assert "on" in text_of(worker.pdf(PAGE.format("on")))


def test_a_page_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = PdfWorker(limit_s=0.05)  # Python itself starts no faster
    with pytest.raises(OsteogaitError) as failed:
        slow.pdf(PAGE.format("slow"))
    assert failed.value.code == "pdf_too_long"
    assert "PDF" in failed.value.message("zh")
    assert slow.pid is None
    monkeypatch.setattr(slow, "_limit_s", 60.0)
    assert "then" in text_of(slow.pdf(PAGE.format("then")))
    slow.close()


def test_it_ends_itself_when_nobody_asks() -> None:
    idle = PdfWorker(idle_s=0.2)
    idle.warm()
    pid = idle.pid
    deadline = time.monotonic() + 120
    while idle.pid is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert idle.pid is None
    assert "more" in text_of(idle.pdf(PAGE.format("more")))
    assert idle.pid != pid
    idle.close()


def _runs(pid: int) -> bool:
    """Whether it does; one that has ended and that nobody has asked after does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_it_ends_with_the_app() -> None:
    program = (
        "from osteogait.report.pdf_worker import PdfWorker\n"
        "import os\nw = PdfWorker(); w.warm(); print(w.pid, flush=True); os._exit(0)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    deadline = time.monotonic() + 120
    while (alive := _runs(int(run.stdout))) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive


def test_a_worker_that_cannot_start_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    broken = PdfWorker()
    with pytest.raises(OsteogaitError) as failed:
        broken.pdf(PAGE.format("x"))
    assert failed.value.code == "pdf_failed"
    broken.close()


def test_a_missing_part_is_one_sentence() -> None:
    found = pdf_worker._error(b'{"code": "missing_extra", "fields": {"extra": "pdf"}}')
    assert isinstance(found, MissingExtra)
    assert "osteogait[pdf]" in found.message("zh")


def test_the_app_stays_light() -> None:
    program = (
        "import sys\nfrom osteogait.report.pdf_worker import PdfWorker\n"
        "w = PdfWorker(); w.pdf('<p>x'); w.close()\n"
        "heavy = {'weasyprint', 'jinja2', 'numpy', 'sqlalchemy'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
