"""One test for every model: unmodified bleak, the stand-in for bluetoothd, a GATT peer, and what goes wrong there."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from osteogait.acquire.session import Session
from osteogait.acquire.state import Event, State
from osteogait.acquire.summary import RecordingSummary
from osteogait.devices.driver import LossClass, Settings
from osteogait.devices.registry import MODELS
from osteogait.errors import QualityGateFailed
from osteogait.radio.bluetooth import Bluetooth

LOST_PACKETS = 2
LOSS_AT_S, DROP_AT_S, SECONDS = 1.0, 4.0, 6.0
"""The drop comes after the rate was counted: a sensor without a clock is judged by its arrivals alone."""
PASSED_S = 0.5
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Peer:
    """How the stand-in is told to play a model; `n` samples a packet, `maker` None for the open profile."""

    key: str
    name: str
    maker: str | None
    n: int = 1

    def options(self, serial: int) -> dict[str, Any]:
        return {"serial": serial} | ({} if self.maker is None else {"maker": self.maker})


PEERS = (
    Peer("open_profile", "OG-0001", None, 5),
    Peer("movella_dot", "Movella DOT", "DotPeer"),
    Peer("movesense", "Movesense 1234", "MovesensePeer", 8),
    Peer("polar_verity", "Polar Sense 12345678", "PolarPeer", 12),
    Peer("polar_h10", "Polar H10 12345678", "H10Peer", 12),
    Peer("thingy52", "Thingy", "ThingyPeer"),
    Peer("witmotion", "WT901BLE67", "WitMotionPeer"),
    Peer("witmotion_dual", "BWT901", "DualPeer"),
)
BY_KEY = {model.key: model for model in MODELS}


def address(serial: int) -> str:
    return f"C0:00:00:00:00:{serial:02X}"


class Trial:
    """One session with `peer`: a loss, a drop once the loss was passed, and the end once the sensor is back."""

    def __init__(self, peer: Peer, there: Any, path: Path) -> None:
        self.peer, self.model, self._there, self._path = peer, BY_KEY[peer.key], there, path
        self._position, self._interruptions = 0, 0

    async def run(self, bluetooth: Bluetooth, serial: int) -> RecordingSummary:
        source = bluetooth.source(await bluetooth.find(address(serial), PATIENCE_S))
        session = Session(source, self._path, on_samples=self._heard, on_event=self._told)
        async with asyncio.timeout(3 * PATIENCE_S):
            recording = asyncio.create_task(session.run())
            await self._harm()
            session.finish()
            return await recording

    async def _harm(self) -> None:
        await self._came(LOSS_AT_S)
        await asyncio.to_thread(self._lose)
        await self._came(max(DROP_AT_S, self._position / self.model.rate_hz + PASSED_S))
        await asyncio.to_thread(self._drop)
        while not self._interruptions:
            await asyncio.sleep(0.05)
        await self._came(max(SECONDS, self._position / self.model.rate_hz + PASSED_S))

    async def _came(self, seconds: float) -> None:
        while self._position < seconds * self.model.rate_hz:
            await asyncio.sleep(0.05)

    def _heard(self, first: int, _: object) -> None:
        self._position = first

    def _told(self, event: Event) -> None:
        self._interruptions += event.state is State.INTERRUPTED

    def _lose(self) -> None:
        """Gone before anything else happens to the sensor."""
        before = self._missing()
        lost = LOST_PACKETS * (self.peer.n if self.peer.maker is None else 1)
        self._there.do("miss", self.peer.name, samples=lost)
        assert until(lambda: self._missing() > before)

    def _missing(self) -> int:
        truth = self._there.do("truth", self.peer.name)
        return int(truth["missed"] + truth["discarded"])

    def _drop(self) -> None:
        self._there.do("drop", self.peer.name, pause_s=0.3)


def until(done: Callable[[], bool]) -> bool:
    """True as soon as `done` is; False when it is not within the patience of a busy machine."""
    end_s = time.monotonic() + PATIENCE_S
    while not (is_done := done()) and time.monotonic() < end_s:
        time.sleep(0.1)
    return is_done


def is_left(truth: dict[str, Any]) -> bool:
    return not truth["running"] and not truth["connected"]


def test_every_model_of_the_registry_is_on_air() -> None:
    assert {peer.key for peer in PEERS} == set(BY_KEY)


@pytest.mark.parametrize("two", [PEERS[at : at + 2] for at in range(0, len(PEERS), 2)], ids=str)
def test_found_recorded_through_loss_and_drop_and_left_stopped(
    two: tuple[Peer, Peer], stand_in: Any, tmp_path: Path
) -> None:
    there = stand_in(*(peer.options(serial) for serial, peer in enumerate(two, 1)))

    async def flow() -> list[RecordingSummary]:
        bluetooth = Bluetooth()
        for serial, peer in enumerate(two, 1):
            sighting = await bluetooth.find(address(serial), PATIENCE_S)
            assert (sighting.name, sighting.model) == (peer.name, BY_KEY[peer.key])
        trials = [Trial(peer, there, tmp_path / f"{peer.key}.ogrec") for peer in two]
        return await asyncio.gather(*(trial.run(bluetooth, k) for k, trial in enumerate(trials, 1)))

    for peer, summary in zip(two, asyncio.run(flow()), strict=True):
        check(peer, summary)
        assert until(lambda peer=peer: is_left(there.do("truth", peer.name)))
    assert until(lambda: not any(there.do("bus")["subscribers"].values()))


def check(peer: Peer, summary: RecordingSummary) -> None:
    model, line = BY_KEY[peer.key], summary.to_json()
    assert (summary.model, summary.loss, summary.ended) == (peer.key, model.loss, "stopped")
    assert (summary.reconnects, summary.duplicate_packets or 0) == (1, 0)
    assert summary.rate_hz == pytest.approx(model.rate_hz, rel=0.02)
    assert summary.received + sum(gap.samples for gap in summary.gaps) >= SECONDS * model.rate_hz
    assert summary.battery_percent in (75, 87, 90)
    assert summary.undecodable <= 2  # what the loss and the drop cut in two
    causes = [gap.cause for gap in summary.gaps if gap.samples]
    assert len([one for one in causes if one in ("reconnect", "link")]) == 1
    if model.loss is LossClass.UNKNOWN:
        counts = ("lost_link", "lost_sensor", "duplicates", "uncounted", "alignment_ms")
        assert [line[one] for one in counts] == [None] * len(counts)
        assert summary.verdict != "good"
    else:
        counted = [gap.samples for gap in summary.gaps if gap.cause in ("lost", "sensor")]
        assert counted == [LOST_PACKETS * peer.n]
        assert line["uncounted"] == (0 if model.loss is LossClass.COUNTED else None)
        assert (line["lost_sensor"] is None) == (model.loss is LossClass.TIMED)


def test_a_rate_that_is_confirmed_and_not_kept_names_both_numbers(stand_in: Any, tmp_path: Path) -> None:
    """WitMotion has been seen to deliver 10 Hz whatever its register says."""
    stand_in({"serial": 1, "maker": "WitMotionPeer", "rate_hz": 100.0, "really_hz": 10.0})

    async def flow() -> None:
        bluetooth = Bluetooth()
        source = bluetooth.source(await bluetooth.find(address(1), PATIENCE_S))
        settings = Settings(rate_hz=100.0)
        await Session(source, tmp_path / "a.ogrec", settings=settings).run(10.0)

    with pytest.raises(QualityGateFailed) as said:
        asyncio.run(flow())
    assert said.value.code == "sensor_rate"
    assert said.value.fields["nominal"] == 100.0
    assert said.value.fields["counted"] == pytest.approx(10.0, rel=0.05)
    for lang in ("en", "zh"):
        assert "WT901BLE67" in said.value.message(lang)
        assert "100" in said.value.message(lang)


def test_the_smallest_link_that_the_profile_allows_carries_a_trial(stand_in: Any, tmp_path: Path) -> None:
    there = stand_in({"serial": 1})
    there.do("mtu", "OG-0001", mtu=31)

    async def flow() -> RecordingSummary:
        bluetooth = Bluetooth()
        source = bluetooth.source(await bluetooth.find(address(1), PATIENCE_S))
        return await Session(source, tmp_path / "a.ogrec").run(3.0)

    summary = asyncio.run(flow())
    assert (summary.uncounted, summary.lost, summary.duplicate_packets) == (0, 0, 0)
    assert summary.received >= 300
    assert there.do("truth", "OG-0001")["built"] == summary.received  # one sample a packet


def test_a_scan_as_typed_lists_every_model_with_its_class(stand_in: Callable[..., Any]) -> None:
    stand_in(*(peer.options(serial) for serial, peer in enumerate(PEERS, 1)))
    command = [sys.executable, "-m", "osteogait", "sensors", "scan", "--seconds", "3", "--json"]
    every = {(peer.name, peer.key, str(BY_KEY[peer.key].loss)) for peer in PEERS}

    def all_heard() -> bool:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert all(set(line) == {"address", "name", "driver", "class", "rssi", "battery"} for line in lines)
        return {(line["name"], line["driver"], line["class"]) for line in lines} == every

    assert until(all_heard)
