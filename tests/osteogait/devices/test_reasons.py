"""Every reason that a decoder or driver gives stands in both languages, and none is left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from osteogait.devices.driver import LossClass, Model
from osteogait.devices.open_control import Status
from osteogait.devices.open_driver import OpenDriver
from osteogait.devices.open_profile import DataPacket
from osteogait.devices.polar_control import Status as PolarStatus
from osteogait.devices.reason import reason
from osteogait.errors import DecodeError
from osteogait.words import codes, sentence

PREFIX = "sensor_reason_"
GIVEN = re.compile(r'reason\(\s*"([a-z0-9_]+)"')


def given(repo: Path) -> set[str]:
    """Codes that stand in the sources, and those of the makers' statuses but success."""
    folders = [
        repo / "edge/osteogait" / name for name in ("devices", "captures", "radio", "acquire", "sensors")
    ]
    sources = [path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("*.py")]
    found = {code for source in sources for code in GIVEN.findall(source)}
    found |= {f"open_{one.name.lower()}" for one in Status if one}
    return found | {f"polar_{one.name.lower()}" for one in PolarStatus if one}


def test_every_reason_has_its_words_and_all_words_are_used(repo: Path) -> None:
    assert given(repo) == {code.removeprefix(PREFIX) for code in codes() if code.startswith(PREFIX)}


def test_a_packet_that_is_refused_says_so_without_a_word_of_the_other_language() -> None:
    with pytest.raises(DecodeError) as refused:
        DataPacket.from_bytes(b"\x02" + bytes(15))
    assert "version 2 is not 1" in refused.value.message("en")
    assert "版本为 2，而不是 1" in refused.value.message("zh")
    assert "version" not in refused.value.message("zh")
    assert str(refused.value.reason) == "version 2 is not 1"


def test_a_sensor_that_refuses_says_why_in_both_languages() -> None:
    model = Model("x", "Example", LossClass.COUNTED, OpenDriver, 100.0)
    refusal = model.refused(reason("open_battery_too_low", op="start"))
    assert "its battery is too low" in refusal.message("en")
    assert "电量过低" in refusal.message("zh")
    assert sentence("sensor_refused", "zh", {"sensor": "Example", "reason": "?"}) != refusal.message("zh")
