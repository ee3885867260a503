"""The body frame (V up, ML right, AP forward) and the exact turn of a worn sensor into it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

V, ML, AP = 0, 1, 2
UP = np.array([1.0, 0.0, 0.0])
HALF_TURN_ABOUT_AP = np.diag([-1.0, -1.0, 1.0])
HALF_TURN_ABOUT_V = np.diag([1.0, -1.0, -1.0])


@dataclass(frozen=True, slots=True)
class VerticalAlignment:
    """The rotation that puts mean gravity on +V, with how far the sensor was off.

    rotation      (3, 3), to be applied as `samples @ rotation.T`
    tilt_deg      angle of the minimal rotation, after a sensor worn upside down was turned over
    upside_down   True when V read negative
    """

    rotation: FloatArray
    tilt_deg: float
    upside_down: bool

    def apply(self, samples: FloatArray) -> FloatArray:
        """(n, 3) samples in the aligned frame."""
        return samples @ self.rotation.T


def vertical_alignment(mean_acc: FloatArray) -> VerticalAlignment:
    """The alignment that a mean specific force (3,) asks for; ValueError when it has no direction.

    Notes
    -----
    Exact minimal rotation: u = f / |f|, v = u x z, c = u.z, R = I + [v] + [v]^2 / (1 + c). A sensor worn
    upside down (V negative) is first turned 180 deg about AP, so c stays >= 0 and 1 + c away from zero.
    Moe-Nilssen's two arcsines (1998) give nearly the same for small tilts; this form is exact for all.
    """
    norm = float(np.linalg.norm(mean_acc))
    if not np.isfinite(norm) or norm == 0.0:
        raise ValueError("mean acceleration has no direction")
    u = np.asarray(mean_acc, dtype=np.float64) / norm
    upside_down = bool(u[V] < 0.0)
    first = HALF_TURN_ABOUT_AP if upside_down else np.eye(3)
    u = first @ u
    rotation = _minimal_rotation_to_up(u) @ first
    tilt = float(np.degrees(np.arctan2(np.linalg.norm(np.cross(u, UP)), u[V])))
    return VerticalAlignment(rotation, tilt, upside_down)


def rotation_to_vertical(mean_acc: FloatArray) -> FloatArray:
    """(3, 3) rotation that puts the mean specific force (3,) on +V; see `vertical_alignment`."""
    return vertical_alignment(mean_acc).rotation


def rotation_about_vertical(angle_rad: float) -> FloatArray:
    """(3, 3) rotation about V by `angle_rad`, positive to the left (seen from above, anticlockwise)."""
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def _minimal_rotation_to_up(u: FloatArray) -> FloatArray:
    x, y, z = np.cross(u, UP)
    skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    rotation: FloatArray = np.eye(3) + skew + skew @ skew / (1.0 + u[V])
    return rotation
