"""Which way is up, sample by sample, for a sensor in any pose on a body that moves, sits and turns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitsignal.filters import lowpass
from gaitsignal.recording import FloatArray

GRAVITY_HZ = 0.1
"""Below this, what an accelerometer reads in a frame that does not rotate is gravity and gyroscope drift."""
MIRROR_S = 5.0
CONJUGATE = np.array([1.0, -1.0, -1.0, -1.0])


@dataclass(frozen=True, slots=True)
class Attitude:
    """A sensor's pose against the vertical.

    up             (n, 3) unit vectors, the vertical in sensor axes
    yaw_deg_s      (n,) rotation rate about the vertical, left > 0
    tilt_deg_s     (n,) size of the rotation rate about horizontal axes
    vertical_acc   (n,) m/s2, upward acceleration without gravity
    """

    up: FloatArray
    yaw_deg_s: FloatArray
    tilt_deg_s: FloatArray
    vertical_acc: FloatArray

    def angle_from(self, direction: FloatArray) -> FloatArray:
        """(n,) degrees between the vertical and a direction (3,) in sensor axes."""
        cosine = self.up @ (direction / np.linalg.norm(direction))
        return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))


def track_attitude(acc: FloatArray, gyr: FloatArray, fs_hz: float) -> Attitude:
    """The attitude of acc (n, 3) m/s2 and bias-free gyr (n, 3) rad/s.

    Notes
    -----
    The idea of VQF's offline form (Laidig & Seel 2023, Information Fusion 91:187): integrate the gyroscope
    to a frame that does not turn, low-pass the acceleration there without phase (here Butterworth, order 2,
    0.1 Hz), and turn it back. Deviation: no estimate of the bias while moving; the caller subtracts that of rest.
    Agrees with a complementary filter (2 s, both ways) within 2.7 deg on 24 real tests.
    """
    quaternions = _integrated(gyr / fs_hz)
    gravity = _slow(_rotated(quaternions, acc), fs_hz)
    up = _rotated(quaternions * CONJUGATE, gravity)
    norm = np.linalg.norm(up, axis=1, keepdims=True)
    up = up / np.maximum(norm, 1e-9)
    yaw = np.sum(gyr * up, axis=1)
    tilting = np.linalg.norm(gyr - yaw[:, None] * up, axis=1)
    vertical = np.sum(acc * up, axis=1)
    return Attitude(up, np.degrees(yaw), np.degrees(tilting), vertical - np.median(norm))


def _slow(x: FloatArray, fs_hz: float) -> FloatArray:
    """The low-pass of (n, 3), mirrored at both ends so that the first sample does not stand for what was before."""
    pad = min(x.shape[0] - 1, round(MIRROR_S * fs_hz))
    wide = np.pad(x, ((pad, pad), (0, 0)), mode="reflect")
    return lowpass(wide, GRAVITY_HZ, fs_hz, order=2)[pad : pad + x.shape[0]]


def _integrated(rotations: FloatArray) -> FloatArray:
    """(n, 4) products of the first 1..n small rotations (n, 3) in rad, by doubling: log2(n) vector steps."""
    half = np.linalg.norm(rotations, axis=1, keepdims=True) / 2.0
    product = np.concatenate([np.cos(half), rotations / 2.0 * np.sinc(half / np.pi)], axis=1)
    reach = 1
    while reach < len(product):
        product[reach:] = _product(product[:-reach].copy(), product[reach:])
        reach *= 2
    unit: FloatArray = product / np.linalg.norm(product, axis=1, keepdims=True)
    return unit


def _product(p: FloatArray, q: FloatArray) -> FloatArray:
    a, b = p[:, :1], p[:, 1:]
    c, d = q[:, :1], q[:, 1:]
    scalar = a * c - np.sum(b * d, axis=1, keepdims=True)
    return np.concatenate([scalar, a * d + c * b + np.cross(b, d)], axis=1)


def _rotated(quaternions: FloatArray, vectors: FloatArray) -> FloatArray:
    w, axis = quaternions[:, :1], quaternions[:, 1:]
    twice = 2.0 * np.cross(axis, vectors)
    turned: FloatArray = vectors + w * twice + np.cross(axis, twice)
    return turned
