"""Cost and faithfulness of the sensor path: sessions over unmodified bleak against the stand-in for bluetoothd.

`measured()` gives rows (what, value, unit, bar, note) for the table of `make bench`; run alone, this file prints them.
The client is a process of its own, so its CPU time and memory are those of the station, not of the
sensors. Sensors: open profile, six axes, five samples a packet; the recorder and the live measures are on.
"""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve()
STANDIN = HERE.parents[1] / "bluez_standin" / "standin.py"
BUS_VARIABLE = "DBUS_SYSTEM_BUS_ADDRESS"
MB = 1024
CYCLES = 200
WARM_S = 4.0
"""Import, scan, connect and the first seconds; after that the session is in its stride."""
PPM = (40.0, -35.0, 15.0, -10.0)

RowValues = tuple[str, float, str, float | None, str]


def standin() -> ModuleType:
    """The stand-in's module; tests are no package."""
    spec = importlib.util.spec_from_file_location("bluez_standin", STANDIN)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def address(serial: int) -> str:
    """Where the stand-in puts the sensor."""
    return f"C0:00:00:00:00:{serial:02X}"


# --- the client: a process of its own -------------------------------------------------------------------------------
def peak_mb() -> float:
    """Peak memory of this process; ru_maxrss would survive exec and may show the parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / MB


async def _client(order: dict[str, Any]) -> dict[str, Any]:
    """Record the sensors of `order` at once; what was kept and what it cost."""
    from osteogait.acquire import Session
    from osteogait.acquire.live import LiveChannel
    from osteogait.devices.driver import Settings
    from osteogait.radio.bluetooth import Bluetooth

    bluetooth = Bluetooth()
    await bluetooth.scan(0.5)
    live = LiveChannel(order["rate_hz"])
    sessions = []
    for k, serial in enumerate(order["serials"]):
        source = bluetooth.source(await bluetooth.find(address(serial)))
        settings = Settings(rate_hz=order["rate_hz"])
        path = Path(order["folder"]) / f"{serial}.ogr"
        sessions.append(Session(source, path, settings=settings, on_samples=live.take if k == 0 else None))
    spent = asyncio.create_task(_stride(order["seconds"]))
    kept = await asyncio.gather(*(session.run(order["seconds"]) for session in sessions))
    return {
        "kept": [summary.to_json() for summary in kept],
        "cpu_percent": await spent,
        "memory_mb": peak_mb(),
    }


async def _stride(seconds: float) -> float:
    """Percent of a core between the first seconds and the last."""
    await asyncio.sleep(WARM_S)
    cpu_s, wall_s = time.process_time(), time.monotonic()
    await asyncio.sleep(max(1.0, seconds - WARM_S - 1.0))
    return 100.0 * (time.process_time() - cpu_s) / (time.monotonic() - wall_s)


async def _cycles(count: int) -> dict[str, Any]:
    """Connect, first packet, told to drop by our parent, again; what is left over and how long it took."""
    from osteogait.devices.driver import Settings
    from osteogait.devices.open_profile import CONTROL, DATA
    from osteogait.radio.bluetooth import Bluetooth
    from osteogait.radio.link import Link

    bluetooth, files, tasks, took_s = Bluetooth(), [], [], []

    async def first_data(link: Link) -> None:
        while (heard := await link.receive()) is not None:
            if heard.characteristic == DATA:
                return

    from osteogait.acquire.converse import carry_out
    from osteogait.devices.open_driver import OPEN_PROFILE

    async def nothing(_: object) -> None:
        return

    driver = OPEN_PROFILE.make()
    for k in range(count):
        begin_s = time.monotonic()
        link = await bluetooth.connect(address(1))
        if k == 0:
            await carry_out(driver.setup(Settings()), link, nothing, lambda _: None, 2.0)
        else:
            await link.subscribe(CONTROL)
            await link.subscribe(DATA)
        await first_data(link)
        took_s.append(time.monotonic() - begin_s)
        say({"drop": k})
        while await link.receive() is not None:
            pass
        await link.close()
        gc.collect()
        await asyncio.sleep(0)
        files.append(len(os.listdir("/proc/self/fd")))  # noqa: PTH208 - counting
        tasks.append(len(asyncio.all_tasks()))
    return {
        "files": files[-1] - files[1],
        "tasks": tasks[-1] - tasks[1],
        "median_s": statistics.median(took_s[1:]),
        "longest_s": max(took_s[1:]),
        "memory_mb": peak_mb(),
    }


def say(value: dict[str, Any]) -> None:
    """One JSON line for the parent."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


# --- the parent: sensors, faults and rows ---------------------------------------------------------------------------
def run(
    there: Any, order: dict[str, Any], faults: list[tuple[float, str, str, dict[str, Any]]]
) -> dict[str, Any]:
    """One client over `there`; each fault is (seconds after its start, order, sensor, values)."""
    with tempfile.TemporaryDirectory() as folder:
        told = json.dumps({**order, "folder": folder})
        command = [sys.executable, str(HERE), "client", told]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            begin_s = time.monotonic()
            for after_s, what, sensor, values in faults:
                time.sleep(max(0.0, begin_s + after_s - time.monotonic()))
                there.do(what, sensor, **values)
            assert process.stdout is not None
            text = process.stdout.read()
        if process.returncode:
            raise SystemExit(f"the client ended with {process.returncode}")
        answer: dict[str, Any] = json.loads(text)
    for kept in answer["kept"]:
        kept["error_ms"] = clock_error_ms(kept, there.do("truth", kept["sensor"]))
    return answer


def clock_error_ms(kept: dict[str, Any], truth: dict[str, Any]) -> float:
    """How late the session's clock puts the sensor against the sensor's own truth, at the end."""
    now_s = truth["now_ns"] / 1e9
    device_s = (now_s - truth["boot_ns"] / 1e9) * (1 + 1e-6 * truth["clock_ppm"]) + truth["first_tick"] / 1e6
    clock = kept["clock"]
    return float(1e3 * (clock["a"] + clock["b"] * device_s - now_s))


def rows_of(what: str, answer: dict[str, Any], seconds: float) -> list[RowValues]:
    """Loss, delay, cost of one client."""
    kept = answer["kept"]
    uncounted = sum(abs(one["uncounted"]) if one["uncounted"] is not None else 1e9 for one in kept)
    came, lost = (
        sum(one["received"] for one in kept),
        sum(one["lost_link"] + one["lost_sensor"] for one in kept),
    )
    delay = max(one["latency_ms"]["p99"] for one in kept)
    median = max(one["latency_ms"]["p50"] for one in kept)
    duplicates = sum(one["duplicates"] for one in kept)
    note = f"{seconds:.0f} s: {came} received, {lost} lost and counted, {duplicates} duplicates"
    return [
        (f"{what}: samples no counter explains", uncounted, "", 0, note),
        (f"{what}: delay over the envelope, p99", delay, "ms", 10, f"p50 {median:.2f} ms"),
        (f"{what}: client, share of a core", answer["cpu_percent"], "%", 3, "recorder and live measures on"),
        (f"{what}: client, peak memory", answer["memory_mb"], "MB", 60, ""),
    ]


def one_sensor(there: Any) -> list[RowValues]:
    """A minute with a forced drop of two seconds."""
    order = {"serials": [1], "seconds": 60.0, "rate_hz": 100.0}
    answer = run(there, order, [(30.0, "drop", "OG-0001", {"pause_s": 2.0})])
    return rows_of("1 sensor at 100 Hz with a drop", answer, 60)


def four_sensors(there: Any) -> list[RowValues]:
    """Forty seconds of four sensors together, and how well their clocks agree at the end."""
    answer = run(there, {"serials": [1, 2, 3, 4], "seconds": 40.0, "rate_hz": 100.0}, [])
    errors = [one["error_ms"] for one in answer["kept"]]
    apart = max(errors) - min(errors)
    note = "late by " + ", ".join(f"{error:.2f}" for error in errors) + " ms"
    return [
        *rows_of("4 sensors at 100 Hz", answer, 40),
        ("4 sensors: worst disagreement of two clocks", apart, "ms", 2, note),
    ]


def fast_sensor(there: Any) -> list[RowValues]:
    """Twenty seconds at 400 Hz."""
    answer = run(there, {"serials": [1], "seconds": 20.0, "rate_hz": 400.0}, [])
    return rows_of("1 sensor at 400 Hz", answer, 20)[:1]


def cycles(there: Any, count: int) -> list[RowValues]:
    """Connect, drop and reconnect, again and again."""
    with subprocess.Popen(
        [sys.executable, str(HERE), "cycles", str(count)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            told = json.loads(line)
            if "drop" not in told:
                break
            there.do("drop", "OG-0001", pause_s=0.0)
    left = max(told["files"], told["tasks"])
    note = (
        f"files and bus connections {told['files']:+d}, tasks {told['tasks']:+d}, {told['memory_mb']:.0f} MB"
    )
    return [
        (f"{count} connect/drop/reconnect cycles: left over", left, "", 0, note),
        (
            "connect to first sample after a drop, longest",
            told["longest_s"],
            "s",
            1,
            f"median {told['median_s']:.3f} s",
        ),
    ]


def measured(count: int = CYCLES) -> list[RowValues]:
    """All rows, about three and a half minutes; empty where there is no dbus-daemon."""
    module = standin()
    if module.missing():
        return []
    sensors = [{"serial": k + 1, "clock_ppm": ppm} for k, ppm in enumerate(PPM)]
    rows: list[RowValues] = []
    with module.PrivateBus() as bus:
        os.environ[BUS_VARIABLE] = bus.address
        for scenario in (one_sensor, four_sensors, fast_sensor, lambda there: cycles(there, count)):
            with module.StandIn(bus, [dict(sensor) for sensor in sensors]) as there:
                rows += scenario(there)
        module.end_idle()
    return rows


if __name__ == "__main__":
    if sys.argv[1:2] == ["client"]:
        say(asyncio.run(_client(json.loads(sys.argv[2]))))
    elif sys.argv[1:2] == ["cycles"]:
        say(asyncio.run(_cycles(int(sys.argv[2]))))
    else:
        for what, value, unit, bar, note in measured():
            verdict = "" if bar is None else ("ok" if value <= bar else "OVER")
            sys.stdout.write(f"{what:<60} {value:>8.3g} {unit:<3} {bar!s:>5} {verdict:<5} {note}\n")
