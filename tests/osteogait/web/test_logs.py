"""Nothing of a person in what the box writes: not on its two outputs, not in the data folder, not in temporary files.

A real `osteogait serve`, planted names, the work of every role, refused uploads, crashes whose messages hold the form.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from visitors import TOKEN

from osteogait.web.guard import POLICY

NAME, CLINIC, SIGNER, CHINESE = "Quixotella Vandenplanted", "ZX-9981-PLANT", "Signella Plantheim", "欧阳播种"
PASSWORD, SECOND, PIN = "purple planted hedgehog", "another planted badger", "739182"
FILE = "planted-letter-of-quixotella.csv"
PLANTED = (NAME, NAME.split()[1], CLINIC, SIGNER, CHINESE, PASSWORD, SECOND, FILE)
LAB = "patient_id,collected_at,code_system,code,name,value,comparator,unit,ref_low,ref_high,method,lab,fasting\n"
BROKEN = """
import sys, threading
import osteogait.web.entrance.sensors as sensors

def broken(call):
    text = call.form.text("name")
    threading.Thread(target=lambda: int(text)).start()
    raise ValueError(text, call.form.fields, call.request.headers.get("cookie"))

async def broken_scan(call):
    import asyncio
    async def forgotten():
        raise KeyError(call.form.text("name"))
    task = asyncio.create_task(forgotten())
    await asyncio.sleep(0.01)
    del task
    raise LookupError(call.form.text("name"))

sensors.enrol, sensors.scan = broken, broken_scan
from osteogait.cli import app
sys.argv = ["osteogait", "serve", "--port", "0", "--data", sys.argv[1]]
app()
"""


@dataclass
class Running:
    """The process with a client that keeps cookies and the proof of origin."""

    client: httpx2.Client
    folder: Path
    csrf: str = ""
    cookies: set[str] = field(default_factory=set)

    def get(self, path: str) -> httpx2.Response:
        return self._saw(self.client.get(path))

    def post(self, path: str, fields: dict[str, str] | None = None, **more: Any) -> httpx2.Response:
        return self._saw(self.client.post(path, data={"csrf": self.csrf, **(fields or {})}, **more))

    def _saw(self, answer: httpx2.Response) -> httpx2.Response:
        found = TOKEN.search(answer.text) if "html" in answer.headers.get("content-type", "") else None
        self.csrf = found[1] if found and found[1] else self.csrf
        self.cookies |= {cookie.value or "" for cookie in self.client.cookies.jar if "session" in cookie.name}
        return answer


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("quiet")
    for name in ("tmp", "home"):
        (made / name).mkdir()
    return made


@pytest.fixture(scope="module")
def said(root: Path) -> Iterator[Running]:
    """All flows have been run; the process has ended."""
    environment = os.environ | {
        "TMPDIR": str(root / "tmp"), "HOME": str(root / "home"), "PYTHONUNBUFFERED": "1", "OSTEOGAIT_LANG": "en",
        "XDG_CACHE_HOME": str(root / "home" / "cache"),
    }  # fmt: skip
    with (root / "stdout").open("wb") as out, (root / "stderr").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-c", BROKEN, str(root / "data")],
            stdout=out,
            stderr=err,
            env=environment,
            cwd=root,
        )
        try:
            with httpx2.Client(
                base_url=_address(root / "stderr", process), timeout=120, follow_redirects=True
            ) as client:
                running = Running(client, root)
                _flows(running)
                yield running
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(120)


def _address(stderr: Path, process: subprocess.Popen[bytes]) -> str:
    import time

    ends = time.monotonic() + 120
    while time.monotonic() < ends and process.poll() is None:
        found = re.search(r"http://[\d.:]+", stderr.read_text())
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(stderr.read_text())


def _flows(box: Running) -> None:
    """First run, accounts, a person, consent, files good and bad, a slip, the kiosk, the report, exports, crashes."""
    box.get("/")
    first = {"name": "owner", "display": "Owner", "password": PASSWORD, "again": PASSWORD, "treats": "yes"}
    assert box.post("/first-run", first).url.path == "/people"
    box.post("/my-account/pin", {"pin": PIN})
    box.post("/accounts", {"name": "second", "display": "Second", "role": "clinician", "password": SECOND})
    person = _person(box)
    _files(box, person)
    _reports(box, person)
    _crashes(box)
    box.post("/lock")
    box.post("/locked", {"pin": "000000"})
    box.post("/locked", {"pin": PIN, "next": "/people"})
    box.get(f"/people?q={NAME}")
    box.post("/sign-out")
    box.post("/sign-in", {"name": NAME, "password": PASSWORD})
    box.post("/sign-in", {"name": "owner", "password": SECOND})


def _person(box: Running) -> str:
    box.get("/people/new")
    fields = {
        "birth_year": "1950",
        "sex": "female",
        "name": f"{NAME} {CHINESE}",
        "clinic_id": CLINIC,
        "weight": "58",
    }
    answer = box.post("/people/new", fields)
    person = answer.url.path.split("/")[2]
    box.post(f"/people/{person}/consent", {"signer": SIGNER, "purpose": "test"})
    assert box.post("/people/new", fields).status_code == 422
    return person


def _files(box: Running, person: str) -> None:
    box.get("/uploads")
    good = f"{LAB}{CLINIC},2026-01-05T07:40+08:00,LN,41171-0,CTX,0.62,,ng/mL,,,ECLIA,central,Y\n"
    page = box.post("/uploads", files={"file": (FILE, good.encode())})
    word = re.search(r'name="word" value="([^"]+)"', page.text)
    assert word is not None
    assert box.post("/uploads/confirm", {"word": word[1]}).status_code == 200
    for content in (f"{LAB}{NAME},x,y\n".encode(), b"PK\x03\x04" + NAME.encode(), b'{"a":"' + NAME.encode()):
        box.post("/uploads", files={"file": (FILE, content)})
    large = NAME.encode() * (3_000_000 // len(NAME))
    box.post("/uploads", files={"file": (FILE, large)})
    box.post("/sign-in", {"name": NAME * 20_000})
    box.get(f"/people/{person}/files")


def _reports(box: Running, person: str) -> None:
    slip = box.post(f"/people/{person}/slip").text
    code = re.search(r'slip-code">([^<]+)<', slip)
    assert code is not None
    kiosk = Running(
        httpx2.Client(base_url=box.client.base_url, timeout=120, follow_redirects=True), box.folder
    )
    kiosk.get("/kiosk/code")
    kiosk.post("/kiosk/code", {"code": "WRONGONE"})
    assert kiosk.post("/kiosk/code", {"code": code[1]}).url.path == "/kiosk/consent"
    _answer_everything(kiosk)
    box.cookies |= {code[1], code[1].replace("-", "")} | kiosk.cookies
    kiosk.post("/kiosk/leave")
    kiosk.client.close()
    page = box.get(f"/people/{person}/reports").text
    result = re.search(r"/results/([0-9a-f-]{36})", page)
    assert result is not None
    box.get(f"/results/{result[1]}")
    assert box.post(f"/results/{result[1]}/sign", {"read": "yes", "pin": PIN}).status_code == 200
    assert box.post(f"/results/{result[1]}/report", {"lang": "zh", "kind": "pdf"}).content.startswith(b"%PDF")
    for kind in ("csv", "fhir", "package"):
        assert box.post(f"/people/{person}/exports", {"kind": kind}).status_code == 200


def _answer_everything(kiosk: Running) -> None:
    """From the consent to the result, whatever is asked on the way; no test is done."""
    page = kiosk.post("/kiosk/consent", {"agree": "yes"})
    for _ in range(60):
        if page.url.path == "/kiosk/result":
            assert kiosk.post("/kiosk/result").status_code == 200
            return
        choice = re.search(r'name="answer" value="([^"]+)"', page.text)
        fields = {"answer": choice[1]} if choice else {"skip": "yes", "without": "yes"}
        page = kiosk.post(page.url.path, fields)
    raise AssertionError(page.url.path)


def _crashes(box: Running) -> None:
    box.get("/sensors")
    for path in ("/sensors/enrol", "/sensors/scan"):
        answer = box.client.post(
            path, data={"csrf": box.csrf, "name": f"{NAME} {CHINESE}", "password": PASSWORD}
        )
        assert answer.status_code == 500
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["cache-control"] == "no-store"
        assert "Something went wrong in this box" in answer.text
        assert not re.search(r"Traceback|\.py|ValueError|LookupError", answer.text)
        assert NAME not in answer.text


def _found(content: bytes, words: tuple[str, ...]) -> list[str]:
    hits = [word for word in words for code in ("utf-8", "utf-16-le") if word.encode(code) in content]
    return hits + re.findall(r"(?<![0-9a-f])" + PIN + r"(?![0-9a-f])", content.decode("latin-1"))


def test_the_outputs_hold_nothing_of_a_person(said: Running, root: Path) -> None:
    words = (*PLANTED, *said.cookies)
    assert len(said.cookies) >= 4
    assert _found((root / "stdout").read_bytes(), words) == []
    assert _found((root / "stderr").read_bytes(), words) == []


def test_a_crash_tells_the_engineer_where_it_was(said: Running, root: Path) -> None:
    told = (root / "stderr").read_text()
    assert "builtins.ValueError" in told
    assert "builtins.LookupError" in told
    assert "a thread broke" in told
    assert re.search(r"app\.py:\d+ answer", told)


def test_no_file_holds_a_name_a_secret_or_a_code(said: Running, root: Path) -> None:
    words = (*PLANTED, *said.cookies)
    files = [path for path in root.rglob("*") if path.is_file() and path.parent != root]
    assert (root / "data" / "osteogait.sqlite") in files
    assert len([path for path in files if "documents" in path.parts]) == 1
    for path in files:
        assert _found(path.read_bytes(), words) == [], path
        assert _found(str(path.relative_to(root)).encode(), words) == [], path


def test_nothing_is_left_in_the_temporary_folder(said: Running, root: Path) -> None:
    assert [path for path in (root / "tmp").rglob("*") if path.is_file()] == []
