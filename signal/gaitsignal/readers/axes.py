"""From the sensor's axes as worn to the body frame: up, right, forward."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gaitsignal.errors import RecordingError
from gaitsignal.recording import FloatArray, Recording
from gaitsignal.result import Flag

_UNIT = {
    "up": (1.0, 0.0, 0.0),
    "down": (-1.0, 0.0, 0.0),
    "right": (0.0, 1.0, 0.0),
    "left": (0.0, -1.0, 0.0),
    "forward": (0.0, 0.0, 1.0),
    "back": (0.0, 0.0, -1.0),
}
ASSUME_WITHIN_DEG = 45.0
"""x is believed to point up when gravity lies nearer to it than to any other direction it may have; real
low-back sensors stand 1.4-35.7 deg off."""


def axes_rotation(axes: tuple[str, str, str]) -> FloatArray:
    """(3, 3) so that `samples @ rotation.T` is up, right, forward; RecordingError unless right-handed."""
    rotation = np.array([_UNIT[word] for word in axes]).T
    if abs(np.linalg.det(rotation) - 1.0) > 1e-9:
        raise RecordingError("axes_not_right_handed", axes=", ".join(axes))
    return rotation


def into_body_frame(recording: Recording, axes: tuple[str, str, str]) -> Recording:
    """The recording turned from declared sensor axes into the body frame."""
    rotation = axes_rotation(axes)
    return replace(
        recording, acc=recording.acc @ rotation.T, gyr=recording.gyr @ rotation.T, heading_known=True
    )


def assumed_heading(recording: Recording) -> Recording:
    """Without declared axes: x up, y right, z forward if gravity does not contradict, else heading unknown."""
    gravity = np.nanmean(recording.acc, axis=0)
    off_deg = float(np.degrees(np.arccos(np.clip(gravity[0] / np.linalg.norm(gravity), -1.0, 1.0))))
    if off_deg > ASSUME_WITHIN_DEG:
        return replace(recording, heading_known=False)
    return replace(recording, remarks=(*recording.remarks, Flag("axes_assumed", "info")))
