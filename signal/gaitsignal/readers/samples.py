"""Samples as a file stores them, before they are put on a grid."""

from __future__ import annotations

from dataclasses import dataclass

from gaitsignal.recording import FloatArray

COLUMNS = ("time_s", "acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z")


@dataclass(frozen=True, slots=True)
class StoredSamples:
    """Stored rows: stamp_s (n,) s of the device, acc (n, 3) m/s2, gyr (n, 3) rad/s.

    clock_hz     the rate when the file states one and `stamp_s` follows from it; None: believe the stamps
    body_frame   True when the format itself says up, right, forward
    names        what the file calls the columns of acc and gyr, for messages
    """

    stamp_s: FloatArray
    acc: FloatArray
    gyr: FloatArray
    clock_hz: float | None
    body_frame: bool
    names: tuple[str, ...]
