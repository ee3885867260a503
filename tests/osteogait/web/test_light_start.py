"""The first page is there before anything heavy is: the app is made, and answers, without it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HEAVY = (
    "numpy",
    "scipy",
    "sqlalchemy",
    "alembic",
    "onnxruntime",
    "weasyprint",
    "cryptography",
    "openpyxl",
    "pydicom",
)
CODE = """
import json, sys
from pathlib import Path
from starlette.testclient import TestClient
from osteogait.web.app import create_app
from osteogait.web.station import Station
station = Station(Path(sys.argv[1]))
station.warm_later = lambda seconds=0: None
answer = TestClient(create_app(station), base_url="http://localhost").get("/")
print(json.dumps([answer.status_code, str(answer.url), sorted({name.split('.')[0] for name in sys.modules})]))
"""


def test_the_first_page_needs_nothing_heavy(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path)], capture_output=True, text=True, check=True
    )
    status, url, loaded = json.loads(done.stdout)
    assert (status, url) == (200, "http://localhost/first-run")
    assert not set(HEAVY) & set(loaded)
