"""Standard errors of speed, cadence and stride length of one walk."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gaitsignal.measures.gait_quality_catalogue import UNITS
from gaitsignal.recording import FloatArray
from gaitsignal.result import Value

PERSON = 0.05
"""Relative error of the speed model that a person carries from walk to walk (measures/speed.py)."""
STEP = 0.11
"""Relative spread of one step's length as the model sees it: the two legs of a walkway differ by 2.9 % (SD)."""
SLOW_M_S = 0.05
"""Error in m/s that doesn't shrink with speed: it tells in slow walkers, whom the model has seen least."""
HEIGHT = 0.027
"""Speed goes with the root of height, and adults' heights have an SD of 9 cm where 1.70 m was assumed."""
CADENCE = 0.010
"""Relative difference of cadence to foot sensors beyond what the spread of step times explains."""
EXTRAPOLATED = 2.0


def standard_errors(
    values: Mapping[str, Value], step_s: FloatArray, height_known: bool, trained: bool
) -> dict[str, Value]:
    """`walking_speed_se`, `cadence_se`, `stride_length_se` for those of the three that are in `values`.

    Notes
    -----
    With speed v and n steps (m,) of mean t and SD s, relative variances are: cadence s^2 / (n t^2) + 0.010^2; step
    length 0.05^2 + 0.11^2 / n + (0.05 / v)^2, with 0.027^2 more for an assumed height, and twice the error where the
    speed lies outside the people it was fitted on; speed the sum of the two.

    Measured on 38 open walks of 12 people with the speed model refitted without the person: the 95 % interval
    (1.96 SE) holds 95 % of the speeds and of the stride lengths, one SE 79 and 76 %; of 63 cadences 95 and 83 %.
    Walkers under 0.6 m/s: a single one, whose speed was 1.7 SE off.
    """
    count, mean_s = step_s.size, float(step_s.mean())
    rhythm = float(np.hypot(float(step_s.std()) / np.sqrt(count) / mean_s, CADENCE))
    found: dict[str, float] = {}
    if "cadence" in values:
        found["cadence_se"] = values["cadence"].value * rhythm
    if "walking_speed" in values and "stride_length" in values:
        speed = values["walking_speed"].value
        length = np.sqrt(PERSON**2 + STEP**2 / count + (SLOW_M_S / speed) ** 2)
        length = float(length * (1.0 if trained else EXTRAPOLATED))
        length = length if height_known else float(np.hypot(length, HEIGHT))
        found["walking_speed_se"] = speed * float(np.hypot(length, rhythm))
        found["stride_length_se"] = values["stride_length"].value * length
    return {key: Value(number, UNITS[key]) for key, number in found.items()}
