"""The side file: axes, height, gaps; what it may not say."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gaitsignal.errors import RecordingError
from gaitsignal.readers import read_recording
from gaitsignal.readers.axes import axes_rotation
from gaitsignal.readers.sidecar import DIRECTIONS

Make = Callable[..., object]
STAMPS = np.arange(600) / 100.0


@pytest.fixture
def read(swaying: Make, write_csv: Make) -> Make:
    def read_with(**sidecar: object) -> object:
        return read_recording(write_csv(STAMPS, *swaying(), **sidecar))

    return read_with


@pytest.mark.parametrize(
    ("sidecar", "code"),
    [
        ({"axis": ["up", "right", "forward"]}, "sidecar_unknown_key"),
        ({"axes": ["up", "right"]}, "sidecar_value"),
        ({"axes": ["up", "right", "sky"]}, "sidecar_value"),
        ({"axes": "up right forward"}, "sidecar_value"),
        ({"axes": ["up", "left", "forward"]}, "axes_not_right_handed"),
        ({"axes": ["up", "up", "forward"]}, "axes_not_right_handed"),
        ({"axes": ["up", "down", "forward"]}, "axes_not_right_handed"),
        ({"height_m": "1.6"}, "sidecar_value"),
        ({"height_m": True}, "sidecar_value"),
        ({"height_m": 160}, "height_impossible"),
        ({"site": 3}, "sidecar_value"),
        ({"sensor": ""}, "sidecar_value"),
        ({"gaps": {"row": 3}}, "sidecar_value"),
        ({"gaps": [[3]]}, "sidecar_value"),
        ({"gaps": [[3, 0]]}, "sidecar_value"),
        ({"gaps": [[3, -2]]}, "sidecar_value"),
        ({"gaps": [[3.0, 1]]}, "sidecar_value"),
        ({"gaps": [[True, 1]]}, "sidecar_value"),
    ],
)
def test_a_wrong_side_file_is_refused_with_its_key(read: Make, sidecar: dict[str, object], code: str) -> None:
    with pytest.raises(RecordingError) as caught:
        read(**sidecar)
    assert caught.value.code == code
    assert caught.value.message("en")
    assert caught.value.message("zh")


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"height_m": NaN}', '{"height_m": 1.6, "height_m": 1.7}', "[" * 100_000, "\xff"]
)
def test_a_side_file_that_is_not_json(tmp_path: Path, swaying: Make, write_csv: Make, text: str) -> None:
    path = write_csv(STAMPS, *swaying())
    path.with_suffix(".json").write_bytes(text.encode("latin-1"))
    with pytest.raises(RecordingError) as caught:
        read_recording(path)
    assert caught.value.code == "sidecar_not_json"


def test_site_sensor_and_height_arrive(read: Make) -> None:
    recording = read(site="L5", sensor="IMU 7", height_m=1.61, axes=["up", "right", "forward"])
    assert (recording.site, recording.sensor, recording.height_m) == ("L5", "IMU 7", 1.61)
    assert recording.remarks == ()


def test_every_right_handed_set_of_axes_is_accepted_and_undone(swaying: Make, write_csv: Make) -> None:
    acc, gyr = swaying()
    accepted = 0
    for axes in itertools.permutations(DIRECTIONS, 3):
        try:
            rotation = axes_rotation(axes)
        except RecordingError:
            continue
        accepted += 1
        path = write_csv(STAMPS, acc @ rotation, gyr @ rotation, axes=list(axes))
        recording = read_recording(path)
        np.testing.assert_allclose(recording.acc, acc, atol=1e-7)
        np.testing.assert_allclose(recording.gyr, gyr, atol=1e-7)
    assert accepted == 24


@pytest.mark.parametrize(
    ("tilt_deg", "known"), [(0, True), (40, True), (50, False), (90, False), (180, False)]
)
def test_without_axes_gravity_decides_whether_the_usual_ones_are_believed(
    swaying: Make, write_csv: Make, tilt_deg: float, known: bool
) -> None:
    acc, gyr = swaying()
    acc[:, 2] -= 0.4
    c, s = np.cos(np.radians(tilt_deg)), np.sin(np.radians(tilt_deg))
    tilt = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
    recording = read_recording(write_csv(STAMPS, acc @ tilt.T, gyr @ tilt.T))
    assert recording.heading_known is known
    assert ("axes_assumed" in {flag.code for flag in recording.remarks}) is known
