"""Cost of the station on the screen: a server process of its own, asked over HTTP and the live socket like a browser.

`measured()` gives rows (what, value, unit, bar, note) for the table of `make bench`; run alone, this file prints them.
The peer of the first page is an empty interpreter, that of the readers the smallest page of the same server.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "helpers"))

TICKS = os.sysconf("SC_CLK_TCK")
ADDRESS = re.compile(r"https?://[\w.:]+")
TOKEN = re.compile(r'name="csrf" (?:content|value)="([^"]*)"')
TRIAL = re.compile(r'data-trial="([^"]+)"')
PASSWORD = "a sentence nobody else uses"  # noqa: S105 - of a box that lives for a minute
READERS, PAGES = 50, 12
WATCHED_S = 12.0
SPEED = 10.0
MB = 1024
RowValues = tuple[str, float, str, float | None, str]


@dataclass
class Box:
    """A running server: its process, its address, where it keeps what."""

    process: subprocess.Popen[str]
    address: str
    folder: Path

    def cpu_s(self) -> float:
        """CPU time of the process and its threads so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_mb(self) -> float:
        """Resident memory of the process and of the ones it started."""
        pids = [self.process.pid, *_children(self.process.pid)]
        return sum(_resident(pid) for pid in pids) / MB


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [int(one) for one in found]


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0])


@contextmanager
def running(folder: Path, simulate: str = "loss=0", **environment: str) -> Iterator[Box]:
    """A station on `folder` until the block ends; `simulate`: what its simulated person does."""
    words = [sys.executable, "-m", "osteogait", "serve", "--port", "0", "--data", str(folder)]
    config = folder / "config.yaml"
    config.write_text(f"station: {{sensor: simulated, simulate: '{simulate}'}}\n", encoding="utf-8")
    process = subprocess.Popen(
        words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        env=os.environ | {"OSTEOGAIT_CONFIG": str(config)} | environment,
    )  # fmt: skip
    assert process.stderr is not None
    said = process.stderr.readline()
    found = ADDRESS.search(said)
    assert found is not None, said + process.stderr.read()
    drain = threading.Thread(target=process.stderr.read, daemon=True)
    drain.start()
    try:
        yield Box(process, found[0], folder)
    finally:
        process.terminate()
        process.wait(20)
        drain.join()
        process.stderr.close()


def prepared(folder: Path) -> tuple[str, str]:
    """An account and people with an old visit in the folder; person and visit to test."""
    from osteogait.clinic.roles import Role
    from osteogait.storage.identities import Identity
    from osteogait.storage.moment import now
    from osteogait.storage.records import Value
    from osteogait.web.station import Station

    station = Station(folder)
    station.accounts.add("mei", "Li Mei", Role.OWNER, PASSWORD, "bench")
    person = visit = ""
    for number in range(200):
        person = station.store.add_person(birth_year=1940 + number % 30, sex="female")
        station.identities.put(person, Identity(f"Person {number}", f"C-{number}"))
        station.consents.give(person, "test", lang="en", signer="bench", by="bench")
        visit = station.store.add_visit(person, battery="quick", by="bench")
    values = [
        Value("height", 156.0, "cm", "typed", taken_at=now()),
        Value("weight", 51.0, "kg", "typed", taken_at=now()),
    ]
    station.store.add_values(visit, values)
    station.close()
    return person, visit


class Browser:
    """Signed in, with the token of the last page."""

    def __init__(self, box: Box) -> None:
        self.client = httpx2.Client(base_url=box.address, follow_redirects=True, timeout=60.0)
        self.csrf = ""
        self.get("/sign-in")
        assert self.post("/sign-in", name="mei", password=PASSWORD).status_code == 200

    def get(self, path: str) -> httpx2.Response:
        """A page."""
        return self._saw(self.client.get(path))

    def post(self, path: str, **fields: str) -> httpx2.Response:
        """A form of the last page."""
        return self._saw(self.client.post(path, data={"csrf": self.csrf, **fields}))

    def watching(self, visit: str, test: str) -> Any:
        """Starts a test; the socket of its page."""
        from websockets.sync.client import connect

        self.get(f"/visits/{visit}/tests/{test}")
        found = TRIAL.search(self.post(f"/visits/{visit}/tests/{test}/start").text)
        assert found is not None
        address = str(self.client.base_url).rstrip("/")
        cookie = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        live = f"{address.replace('http', 'ws')}/live?trial={found[1]}"
        return connect(live, origin=address, additional_headers={"cookie": cookie})  # type: ignore[arg-type]

    def _saw(self, answer: httpx2.Response) -> httpx2.Response:
        found = TOKEN.search(answer.text) if "html" in answer.headers.get("content-type", "") else None
        self.csrf = found[1] if found else self.csrf
        return answer


def first_page() -> list[RowValues]:
    """From the start of the process to the first page in a browser; memory then, and with everything open."""
    cpus, before, empty = [], [], []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as box:
            assert httpx2.get(f"{box.address}/first-run").status_code == 200
            cpus.append(box.cpu_s())
            before.append(box.memory_mb())
        begun = os.times()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        ended = os.times()
        empty.append(
            ended.children_user - begun.children_user + ended.children_system - begun.children_system
        )
    cpu = statistics.median(cpus)
    ratio = cpu / max(1e-3, statistics.median(empty))
    return [
        ("first page, CPU from start", cpu, "s", 0.6, f"{ratio:.0f} x an empty interpreter"),
        (
            "memory at the first page",
            statistics.median(before),
            "MB",
            110.0,
            "before science and store are loaded",
        ),
    ]


def readers(box: Box) -> list[RowValues]:
    """Fifty people at once who ask for a page a second each."""
    browser = Browser(box)
    cookies = dict(browser.client.cookies)
    took = {path: asyncio.run(_read(box.address, cookies, path)) for path in ("/api/health", "/people")}
    p99 = {path: statistics.quantiles(times, n=100)[98] for path, times in took.items()}
    return [
        (
            f"{READERS} readers, list of people, a page a second each: p99",
            1e3 * p99["/people"], "ms", 200.0, f"{p99['/people'] / p99['/api/health']:.1f} x the smallest answer",
        )
    ]  # fmt: skip


async def _read(address: str, cookies: dict[str, str], path: str) -> list[float]:
    took: list[float] = []
    chance = random.Random(1)  # noqa: S311 - when readers look is no secret

    async def one(client: httpx2.AsyncClient) -> None:
        await asyncio.sleep(chance.random())
        for _ in range(PAGES):
            begun = time.perf_counter()
            answer = await client.get(path)
            took.append(time.perf_counter() - begun)
            assert answer.status_code == 200, answer.status_code
            await asyncio.sleep(max(0.0, 1.0 - (time.perf_counter() - begun)))

    limits = httpx2.Limits(max_connections=READERS)
    async with httpx2.AsyncClient(base_url=address, cookies=cookies, limits=limits, timeout=30.0) as client:
        await asyncio.gather(*(one(client) for _ in range(READERS)))
    return took


def streaming(box: Box, visit: str) -> list[RowValues]:
    """One six-axis sensor at 100 Hz to one browser, while a test is recorded."""

    browser = Browser(box)
    frames = 0
    with browser.watching(visit, "quiet_stance") as socket:
        _until(socket, "recording")
        cpu, begun = box.cpu_s(), time.perf_counter()
        while time.perf_counter() - begun < WATCHED_S:
            frames += isinstance(socket.recv(), bytes)
        share = 100.0 * (box.cpu_s() - cpu) / (time.perf_counter() - begun)
    browser.get(f"/visits/{visit}/tests/quiet_stance")
    browser.post(f"/visits/{visit}/tests/quiet_stance/cancel")
    return [
        (
            "streaming one sensor at 100 Hz to one browser",
            share,
            "% of a core",
            4.0,
            f"{frames / WATCHED_S:.0f} frames/s",
        )
    ]


def _until(socket: object, state: str) -> float:
    """When the socket says that the test is in `state`."""
    while True:
        said = socket.recv(timeout=60)  # type: ignore[attr-defined]
        if isinstance(said, str) and json.loads(said).get("state") == state:
            return time.perf_counter()


def result(folder: Path, visit: str) -> list[RowValues]:
    """From the end of a walk of 60 s to the page with its verdict."""

    with running(folder, simulate="walk,60s", OSTEOGAIT_SIMULATED_SPEED=str(SPEED)) as box:
        browser = Browser(box)
        with browser.watching(visit, "walk") as socket:
            ended = _until(socket, "finishing")
            _until(socket, "review")
        browser.get(f"/visits/{visit}/tests/walk")
        took = time.perf_counter() - ended
        memory = box.memory_mb()
    return [
        (
            "verdict page after the end of a walk of 60 s",
            took,
            "s",
            2.0,
            f"simulated at {SPEED:g} x real time",
        ),
        ("memory with store, model and measures loaded", memory, "MB", 300.0, ""),
    ]


def measured() -> list[RowValues]:
    """All rows; about a minute."""
    rows = first_page()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _, visit = prepared(folder)
        with running(folder) as box:
            rows += streaming(box, visit)
            rows += readers(box)
        rows += result(folder, visit)
    return rows + paper()


def paper() -> list[RowValues]:
    """The report as PDF from a worker that has made one before."""
    from importlib.resources import files

    from osteogait.assessment.assess import assess_file
    from osteogait.report.build import build_report
    from osteogait.report.pdf_worker import PdfWorker
    from osteogait.report.render import render_html

    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case.yaml"
        case.write_bytes(files("osteogait.examples").joinpath("case.yaml").read_bytes())
        html = render_html(build_report(assess_file(case, "zh"), lang="zh"))
    worker = PdfWorker()
    try:
        cold = _timed(lambda: worker.pdf(html))
        warm = statistics.median(_timed(lambda: worker.pdf(html)) for _ in range(3))
    finally:
        worker.close()
    return [("report in Chinese as PDF, warm", warm, "s", 1.0, f"{cold / warm:.1f} x when the worker starts")]


def _timed(work: object) -> float:
    begun = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - begun


if __name__ == "__main__":
    for what, value, unit, bar, note in measured():
        over = " OVER" if bar is not None and value > bar else ""
        sys.stdout.write(f"{what:60} {value:8.2f} {unit:12} bar {bar} {note}{over}\n")
