"""Unique names go through the whole station as it runs; afterwards no file and no line it printed holds one of them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from visitors import PASSWORD, Visitor

from osteogait.web.app import places

NAME, NUMBER, CONTACT = "欧阳planted娜 Planted-Name", "CLINIC-PLANTED-7", "139-planted-0000"
SIGNER, FILE, SEARCHED = "signer-planted", "upload-planted.csv", "searched-planted"
WRONG, STRANGER = "wrong-planted-password", "STRANGER-PLANTED-9"
PLANTED = ("planted", "PLANTED", "Planted", "欧阳", "%E6%AC%A7%E9%98%B3", "\\u6b27\\u9633")
CODES = ("utf-8", "utf-16-le", "gbk")
HEADER = "patient_id,collected_at,code_system,code,name,value,comparator,unit,ref_low,ref_high,method,lab,fasting\n"
ROW = ",2026-01-05T07:40+08:00,LN,41171-0,CTX,0.62,,ng/mL,0.104,1.008,ECLIA,central,Y\n"
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@dataclass
class Running:
    """A station in a process of its own, all of whose folders lie in `root`."""

    process: subprocess.Popen[str]
    root: Path
    address: str
    printed: Path

    def found(self, *words: str) -> dict[str, list[str]]:
        """Which files hold which of the words, however they are written."""
        hits = {}
        for path in (one for one in sorted(self.root.rglob("*")) if one.is_file()):
            held = str(path).encode() + path.read_bytes()
            there = [word for word in words if any(word.encode(code) in held for code in CODES)]
            if there:
                hits[str(path.relative_to(self.root))] = there
        return hits


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    printed = tmp_path / "printed.txt"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    environment |= {name: str(tmp_path / name.lower()) for name in ("HOME", "TMPDIR")}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", "OSTEOGAIT_LANG": "en"}
    for name in ("HOME", "TMPDIR"):
        Path(environment[name]).mkdir()
    command = [sys.executable, "-m", "osteogait", "serve", "--port", "0", "--data", str(tmp_path / "data")]
    with printed.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out, text=True)
    try:
        for _ in range(1200):
            if (found := ADDRESS.search(printed.read_text())) or process.poll() is not None:
                break
            time.sleep(0.1)
        assert found, printed.read_text()
        yield Running(process, tmp_path, found[0], printed)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def owner(running: Running) -> Iterator[Visitor]:
    with httpx2.Client(base_url=running.address, follow_redirects=True, timeout=120) as client:
        visitor: Any = Visitor(client)  # type: ignore[arg-type]
        client.headers["origin"] = running.address
        visitor.get("/first-run")
        owner = {"display": "Li Mei", "name": "mei", "password": PASSWORD, "again": PASSWORD, "treats": "yes"}
        assert visitor.post("/first-run", owner).status_code == 200
        yield visitor


def _whole_visit(owner: Visitor) -> str:
    """A person added, asked for consent, with a file and a report; what can go wrong goes wrong as well."""
    owner.get("/people/new")
    about = {"birth_year": "1950", "sex": "female", "height": "156", "weight": "51"}
    known = {"name": NAME, "clinic_id": NUMBER, "contact": CONTACT}
    assert owner.post("/people/new", {**about, **known, "birth_year": "19-planted"}).status_code == 422
    answer = owner.post("/people/new", {**about, **known})
    assert answer.status_code == 200
    person = str(answer.url.path).split("/")[2]
    consents = {"purpose": ["test", "research"], "signer": SIGNER, "text_lang": "zh"}
    assert owner.post(f"/people/{person}/consent", consents).status_code == 200
    assert owner.post("/people/new", {**about, **known}).status_code == 422, "the number is taken"
    assert NAME in owner.get("/people/found", params={"q": NAME[:6]}).text
    owner.get("/people/found", params={"q": SEARCHED})
    _upload(owner)
    owner.get(f"/people/{person}/tests")
    visit = str(owner.post(f"/people/{person}/tests", {"battery": "quick"}).url.path).split("/")[2]
    owner.get(f"/people/{person}/reports")
    assert owner.post(f"/visits/{visit}/assess").status_code == 200
    for kind in ("csv", "fhir", "package"):
        owner.get(f"/people/{person}/exports")
        assert owner.post(f"/people/{person}/exports", {"kind": kind}).status_code == 200, kind
    return person


def _upload(owner: Visitor) -> None:
    content = (HEADER + NUMBER + ROW + STRANGER + ROW).encode()
    owner.get("/uploads")
    page = owner.post("/uploads", files={"file": (FILE, content)})
    word = re.search(r'name="word" value="([^"]+)"', page.text)
    assert word, page.text
    assert "1 value is kept" in owner.post("/uploads/confirm", {"word": word[1]}).text
    owner.get("/uploads")
    assert owner.post("/uploads", files={"file": (FILE, b"\x00planted" * 50)}).status_code == 422


def _every_page(owner: Visitor, params: dict[str, str]) -> int:
    """Asks for every page there is with the ids of this person; those that end the session are for later."""
    asked = 0
    for place in places():
        names = re.findall(r"{(\w+)}", place.path)
        if "GET" not in place.methods or "lock" in place.path or not set(names) <= set(params):
            continue
        owner.client.get(place.path.format(**params), params={"q": SEARCHED, "name": NAME})
        asked += 1
    return asked


@pytest.mark.parametrize("ends", ["killed", "erased"])
def test_no_file_and_no_line_holds_a_name(running: Running, owner: Visitor, ends: str) -> None:
    person = _whole_visit(owner)
    assert _every_page(owner, {"person": person}) > 30
    owner.get(f"/people/{NAME}/consent")
    owner.post("/sign-in", {"name": "planted", "password": WRONG})
    if ends == "erased":
        owner.get("/erase")
        assert owner.post("/erase", {"person": person, "again": person}).status_code == 200
    running.process.send_signal(signal.SIGKILL)
    running.process.wait()
    assert (running.root / "data" / "osteogait.sqlite-wal").exists(), "the log is searched too"
    measured = running.found("41171-0", "ECLIA")
    assert bool(measured) == (ends == "killed"), "the search finds what is there; erased, nothing measured is"
    assert running.found(*PLANTED) == {}
