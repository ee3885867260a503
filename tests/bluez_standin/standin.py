"""For tests: a private message bus, and the stand-in on it as a process of its own."""

from __future__ import annotations

import json
import selectors
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Any

HERE = Path(__file__).resolve().parent
WAIT_S = 60.0
"""Of real time, also where many tests share few processors."""
CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/> <allow own="*"/>
    <allow send_type="method_call"/> <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/> <allow receive_type="method_return"/>
    <allow receive_type="error"/> <allow receive_type="signal"/>
    {policy}
  </policy>
</busconfig>
"""
DENY = '<deny send_destination="org.bluez"/>'


def missing() -> str | None:
    """Why this machine cannot run the stand-in, None when it can."""
    return (
        None if shutil.which("dbus-daemon") else "dbus-daemon is not installed (Debian package dbus-daemon)"
    )


class PrivateBus:
    """A system bus of its own in a temporary folder; `denied` refuses every call to org.bluez."""

    def __init__(self, *, denied: bool = False) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="osteogait-bus-")
        self.address = f"unix:path={self._folder.name}/bus"
        configuration = Path(self._folder.name) / "bus.conf"
        policy = DENY if denied else ""
        text = CONFIGURATION.format(socket=f"{self._folder.name}/bus", policy=policy)
        configuration.write_text(text, encoding="utf-8")
        command = ["dbus-daemon", "--nofork", "--nopidfile", "--nosyslog", "--print-address=1"]
        self._log = (Path(self._folder.name) / "bus.log").open("w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [*command, f"--config-file={configuration}"], stdout=subprocess.PIPE, stderr=self._log, text=True
        )
        try:
            _line(self.process.stdout)
        except RuntimeError as silent:
            self._log.seek(0)
            raise RuntimeError(f"dbus-daemon: {self._log.read()}") from silent

    def close(self) -> None:
        """End the daemon; may be called twice."""
        _end(self.process)
        self._log.close()
        self._folder.cleanup()

    def __enter__(self) -> PrivateBus:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class StandIn:
    """A running `org.bluez` with sensors; `addresses` by sensor name. Close it, or use it in a `with`."""

    def __init__(self, bus: PrivateBus, sensors: list[dict[str, Any]], **settings: Any) -> None:
        """Start it; each sensor is {"serial": ...} with the options of the firmware."""
        self._bus, self._sensors, self._settings, self._closed = bus, sensors, settings, False
        self._asking = threading.Lock()
        self.process = _idle.pop() if _idle else _started()
        self._say({"bus": bus.address, "sensors": sensors, **settings})
        self.addresses: dict[str, str] = json.loads(_line(self.process.stdout))["ready"]

    def do(self, order: str, sensor: str | None = None, /, **values: Any) -> dict[str, Any]:
        """Give an order; its answer. Several threads may: one answer is read before the next order is given."""
        with self._asking:
            self._say({"do": order, **({"sensor": sensor} if sensor else {}), **values})
            answer: dict[str, Any] = json.loads(_line(self.process.stdout))
        if "error" in answer:
            raise RuntimeError(f"{order}: {answer['error']}")
        return answer

    def again(self) -> StandIn:
        """Another one with the same sensors, as after a restart of bluetoothd and of the sensors."""
        return StandIn(self._bus, self._sensors, **self._settings)

    def close(self) -> None:
        """End this world and keep the process for the next; may be called twice."""
        if self._closed:
            return
        self._closed = True
        if self.process.poll() is not None:
            _end(self.process)
            return
        self._say({"do": "end"})
        while "ended" not in json.loads(_line(self.process.stdout)):
            continue
        _idle.append(self.process)

    def _say(self, told: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()

    def __enter__(self) -> StandIn:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()


_idle: list[subprocess.Popen[str]] = []
"""Processes that have done their imports and wait for a world."""


def _started() -> subprocess.Popen[str]:
    command = [sys.executable, str(HERE)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def end_idle() -> None:
    """End the processes that wait."""
    while _idle:
        _end(_idle.pop())


def _line(stream: IO[str] | None) -> str:
    """The next line, or an error when the process says nothing for a while."""
    assert stream is not None
    with selectors.DefaultSelector() as waiting:
        waiting.register(stream, selectors.EVENT_READ)
        if not waiting.select(WAIT_S):
            raise RuntimeError(f"no word from the process within {WAIT_S:.0f} s")
    line = stream.readline()
    if not line:
        raise RuntimeError("the process ended without a word")
    return line


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
    process.wait(WAIT_S)
    if process.stdin is not None:
        process.stdin.close()
    if process.stdout is not None:
        process.stdout.close()
