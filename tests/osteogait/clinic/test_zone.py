"""Zones that a clinic may name."""

from __future__ import annotations

from pathlib import Path

import pytest

from osteogait.clinic import zone
from osteogait.clinic.zone import is_zone, zone_of_this_box


@pytest.mark.parametrize("name", ["Asia/Shanghai", "UTC", "Europe/Berlin", "+08:00", "-03:30"])
def test_what_is_a_zone(name: str) -> None:
    assert is_zone(name)


@pytest.mark.parametrize(
    "name", ["", "Shanghai", "+8", "+25:00", "../../etc/passwd", "/etc/passwd", "Asia/Nowhere", "\0"]
)
def test_what_is_none(name: str) -> None:
    assert not is_zone(name)


def test_the_box_says_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = tmp_path / "localtime"
    monkeypatch.setattr(zone, "LOCALTIME", link)
    assert zone_of_this_box() is None
    link.symlink_to("/usr/share/zoneinfo/Asia/Shanghai")
    assert zone_of_this_box() in ("Asia/Shanghai", "PRC", None)
