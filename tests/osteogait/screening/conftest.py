"""A box with a simulated sensor, and one person who is here today."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from box_of_tests import Box

from osteogait.storage.records import Value
from osteogait.web.station import Station


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Says how the box is set up: what goes wrong with the simulated sensor, which sensor, how fast it is played."""

    def set_up(simulate: str = "", sensor: str = "simulated", speed: float = 100.0) -> None:
        lines = ["station:", f"  sensor: {sensor}"]
        lines += [f'  simulate: "{simulate}"'] if simulate else []
        file = tmp_path / f"config-{abs(hash((simulate, sensor)))}.yaml"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        monkeypatch.setenv("OSTEOGAIT_CONFIG", str(file))
        monkeypatch.setenv("OSTEOGAIT_SIMULATED_SPEED", f"{speed:g}")

    set_up()
    return set_up


@pytest.fixture
def box(tmp_path: Path, configured: Callable[..., None]) -> Iterator[Box]:
    station = Station(tmp_path / "data")
    store = station.store
    person = store.add_person(birth_year=datetime.now(UTC).year - 76, sex="female")
    visit = store.add_visit(person, battery="full")
    store.add_values(visit, [Value("height", 156.0, "cm", "form"), Value("weight", 52.0, "kg", "form")])
    yield Box(station, person, visit)
    station.screening.close()
    station.close()
