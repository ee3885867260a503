"""How a walk was walked: likeness of steps, smoothness, stability; each with its own gate."""

from __future__ import annotations

import numpy as np

from gaitsignal.bridging import BridgedSamples
from gaitsignal.events.legs import Leg
from gaitsignal.events.walking import Walk
from gaitsignal.filters import lowpass
from gaitsignal.measures.divergence import STRIDES, local_divergence
from gaitsignal.measures.gait_quality_catalogue import UNITS
from gaitsignal.measures.harmonics import (
    FRONT_END_HZ,
    FRONT_END_ORDER,
    MIN_STRIDES,
    improved_harmonic_ratio,
)
from gaitsignal.measures.smoothness import log_dimensionless_jerk, spectral_arc_length
from gaitsignal.result import Flag, Value
from gaitsignal.stillness import Rest

AXES = ("v", "ml", "ap")


def gait_quality(walk: Walk, samples: BridgedSamples, fs_hz: float) -> tuple[dict[str, Value], list[Flag]]:
    """Harmonic ratios, smoothness and divergence by catalogue key, and why one is withheld."""
    numbers: dict[str, float] = {}
    flags = []
    ratios = improved_harmonic_ratio(walk.acc, walk.legs, fs_hz)
    if ratios is None:
        flags.append(Flag("harmonics_too_short", "info", {"limit": MIN_STRIDES}))
    else:
        numbers |= {f"improved_harmonic_ratio_{axis}": float(x) for axis, x in zip(AXES, ratios, strict=True)}
    smooth, more = _smoothness(walk, samples, fs_hz)
    numbers |= smooth
    flags += more
    divergence = local_divergence(walk.acc[:, 0], walk.legs, fs_hz)
    if divergence is None:
        flags.append(Flag("divergence_too_short", "info", {"limit": STRIDES}))
    else:
        numbers["local_divergence"] = divergence
    return {key: Value(number, UNITS[key]) for key, number in numbers.items()}, flags


def _smoothness(walk: Walk, samples: BridgedSamples, fs_hz: float) -> tuple[dict[str, float], list[Flag]]:
    """SPARC of the longest bout and LDLJ of the straight legs, where rest is known and nothing is missing."""
    if walk.rest is None:
        return {}, [Flag("smoothness_without_rest", "info")]
    first, last = max(walk.bouts, key=lambda bout: bout[1] - bout[0])
    bout = slice(int(first), int(last) + 1)
    legs = [leg for leg in walk.legs if _is_whole(leg, samples)]
    if samples.open_rows[bout].any() or not legs:
        return {}, [Flag("smoothness_withheld", "info", {"limit": MIN_STRIDES})]
    rates = lowpass(samples.gyr - walk.rest.gyr, FRONT_END_HZ, fs_hz, FRONT_END_ORDER)
    jerks = [log_dimensionless_jerk(piece) for piece in _accelerations(samples, walk.rest, legs, fs_hz)]
    return {
        "smoothness_sparc": spectral_arc_length(np.linalg.norm(rates[bout], axis=1), fs_hz),
        "smoothness_ldlj": float(np.mean(jerks)),
    }, []


def _is_whole(leg: Leg, samples: BridgedSamples) -> bool:
    return leg.rows.size > 2 * MIN_STRIDES and not samples.open_rows[leg.slice()].any()


def _accelerations(
    samples: BridgedSamples, rest: Rest, legs: list[Leg], fs_hz: float
) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Size of acceleration less that at rest, low-passed, for every leg."""
    smooth = lowpass(samples.acc - rest.acc, FRONT_END_HZ, fs_hz, FRONT_END_ORDER)
    return [np.linalg.norm(smooth[leg.slice()], axis=1) for leg in legs]
