"""The cable is out: in a network without a route, every flow of the station goes on to its end."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
INSIDE = """
import fcntl, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh22x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: loopback up and running
    try:
        any_socket.connect(("192.0.2.1", 9))  # TEST-NET-1 (RFC 5737)
    except OSError:
        print("no route")
if sys.argv[1:]:
    import pytest
    sys.exit(pytest.main([*sys.argv[1:], "-q", "-p", "no:cacheprovider"]))
"""


@pytest.fixture(scope="module")
def apart() -> list[str]:
    """What a command is begun with so that it runs in a network of its own that leads nowhere."""
    command = ["unshare", "--user", "--map-root-user", "--net", sys.executable, "-c", INSIDE]
    found = shutil.which("unshare") and subprocess.run(command, capture_output=True, text=True, check=False)
    if not found or found.returncode:
        if os.environ.get("OSTEOGAIT_REALDATA") == "required":
            pytest.fail(
                "network namespaces are required here (unshare of util-linux, user namespaces allowed)"
            )
        pytest.skip("no network of its own can be made here (unshare of util-linux, user namespaces allowed)")
    assert found.stdout == "no route\n", "the way out must really be closed"
    return command


@pytest.mark.parametrize(
    ("flows", "least"),
    [
        (["test_logs.py"], 4),  # first run, accounts, person, uploads, slip, kiosk, signature, PDF, exports
        (
            ["test_kiosk_visit.py", "test_therapist_result.py", "-k", "whole or printed"],
            3,
        ),  # tests with the sensor
    ],
    ids=["station", "tests"],
)
def test_with_the_cable_out_everything_goes_on(apart: list[str], flows: list[str], least: int) -> None:
    words = [str(HERE / one) if one.endswith(".py") else one for one in flows]
    done = subprocess.run([*apart, *words], capture_output=True, text=True, check=False, cwd=HERE.parents[2])
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert done.stdout.startswith("no route\n")
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) >= least
