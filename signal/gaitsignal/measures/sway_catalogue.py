"""What every sway measure is: key, unit, plausible range, meaning, source.

Ranges bracket healthy adults on a firm floor up to a frail person on foam, in acceleration at the lower back,
30 to 60 s; a value outside them is more likely a recording fault than a person.
"""

from __future__ import annotations

from gaitsignal.measures.catalogue_entry import CatalogueEntry

MANCINI = "Mancini 2012, J NeuroEng Rehabil 9:59"
SCHUBERT = "Schubert & Kirchner 2014, Gait Posture 39:518 (prediction ellipse)"
PRIETO = "Prieto 1996, IEEE Trans Biomed Eng 43:956"
SPECTRUM = "Mancini 2012, J NeuroEng Rehabil 9:59; Welch estimate, 0.15-3.5 Hz"
UNRELIABLE = "Not for flagging a person: repeated trials of one session agree poorly"

_DIRECTIONS = {"ap": "forward-backward", "ml": "sideways", "res": "distance from the mean position"}

# base key: unit, low, high, meaning, source; given once for the plane and once for each axis
_PLANE_AND_AXES = {
    "dist": ("m/s2", 0.0, 1.0, "Mean distance of sway acceleration from its centre", MANCINI),
    "rms": ("m/s2", 0.0, 1.2, "Root mean square of sway acceleration", MANCINI),
    "path": ("m/s2", 0.0, 400.0, "Length of the sway path; grows with trial time", MANCINI),
    "jerk": (
        "m2/s5",
        0.0,
        1000.0,
        "Jerkiness of sway; grows with trial time, compare 30 s with 30 s",
        MANCINI,
    ),
}
_AXES_ONLY = {"range": ("m/s2", 0.0, 6.0, "Largest minus smallest sway acceleration", MANCINI)}
_PLANE_ONLY = {
    "n": ("1", 150.0, 60_000.0, "Samples of the analysed trial", "gaitsignal"),
    "duration_s": ("s", 3.0, 300.0, "Length of the analysed trial", "gaitsignal"),
    "njs": ("1", 0.0, 500.0, f"Normalised jerk, no agreed definition. {UNRELIABLE}", MANCINI),
    "mean_velocity": (
        "m/s",
        0.0,
        1.0,
        f"Mean speed from integrated acceleration, drifts. {UNRELIABLE}",
        MANCINI,
    ),
    "mean_frequency": (
        "Hz",
        0.0,
        5.0,
        "Rotations a second of a point that runs the path at mean distance",
        PRIETO,
    ),
    "ellipse_area": ("m2/s4", 0.0, 10.0, "Area of the 95 % prediction ellipse of sway", SCHUBERT),
    "ellipse_angle_deg": (
        "deg",
        0.0,
        180.0,
        "Main sway direction, 0 forward-backward, 90 sideways",
        SCHUBERT,
    ),
    "sway_area_per_s": ("m2/s5", 0.0, 10.0, "Area swept from the centre in a second", PRIETO),
}
_SPECTRAL = {
    "power": ("m2/s4", 0.0, 2.0, "Power of sway between 0.15 and 3.5 Hz", SPECTRUM),
    "f50": (
        "Hz",
        0.15,
        3.5,
        f"Frequency below which half the power lies. {UNRELIABLE} (ICC .45-.62)",
        SPECTRUM,
    ),
    "f95": (
        "Hz",
        0.15,
        3.5,
        f"Frequency below which 95 % of the power lies. {UNRELIABLE} (ICC .40-.70)",
        SPECTRUM,
    ),
    "fpeak": ("Hz", 0.15, 3.5, f"Frequency of the largest spectral bin. {UNRELIABLE}", SPECTRUM),
    "cfreq": ("Hz", 0.15, 3.5, "Centroid frequency of sway (ICC .54-.77)", PRIETO),
    "freqd": ("1", 0.0, 1.0, f"Spread of the spectrum, 0 one tone. {UNRELIABLE} (ICC .23-.71)", PRIETO),
}


def _entries() -> tuple[CatalogueEntry, ...]:
    rows = [CatalogueEntry(key, *row) for key, row in _PLANE_ONLY.items()]
    for key, (unit, low, high, meaning, source) in _PLANE_AND_AXES.items():
        rows.append(CatalogueEntry(key, unit, low, high, meaning, source))
        rows += [_of_direction(key, axis, unit, low, high, meaning, source) for axis in ("ap", "ml")]
    for key, row in _AXES_ONLY.items():
        rows += [_of_direction(key, axis, *row) for axis in ("ap", "ml")]
    for key, row in _SPECTRAL.items():
        rows += [_of_direction(key, axis, *row) for axis in ("ap", "ml", "res")]
    return tuple(rows)


def _of_direction(
    key: str, axis: str, unit: str, low: float, high: float, meaning: str, source: str
) -> CatalogueEntry:
    return CatalogueEntry(f"{key}_{axis}", unit, low, high, f"{meaning}; {_DIRECTIONS[axis]}", source)


ENTRIES = _entries()
UNITS = {entry.key: entry.unit for entry in ENTRIES}

AXIS_KEYS = frozenset(key for key in UNITS if key.endswith(("_ap", "_ml")) or key == "ellipse_angle_deg")
"""Keys that need the heading of the sensor; the others stay the same when it is turned about the vertical."""
NOT_FOR_FLAGGING = frozenset(entry.key for entry in ENTRIES if UNRELIABLE in entry.meaning)
"""Keys printed but never judged: within-session ICC too low (16 people x 3 x 30 s, log values)."""
