"""What every measure of how a walk was walked is, and of how sure its speed is: key, unit, range, meaning, source."""

from __future__ import annotations

from gaitsignal.measures.catalogue_entry import CatalogueEntry

PASCIUTO = "Pasciuto 2017, J Biomech 53:84"
OPEN_DATA = "gaitsignal: errors without the person in 63 open walks (measures/uncertainty.py)"

ENTRIES = (
    CatalogueEntry("walking_speed_se", "m/s", 0.02, 1.0, "Standard error of the walking speed", OPEN_DATA),
    CatalogueEntry("cadence_se", "steps/min", 0.2, 60.0, "Standard error of the cadence", OPEN_DATA),
    CatalogueEntry("stride_length_se", "m", 0.02, 1.0, "Standard error of the stride length", OPEN_DATA),
    CatalogueEntry(
        "improved_harmonic_ratio_v",
        "%",
        0.0,
        100.0,
        "Likeness of the two steps of a stride; up-down",
        PASCIUTO,
    ),
    CatalogueEntry(
        "improved_harmonic_ratio_ml",
        "%",
        0.0,
        100.0,
        "Likeness, mirrored, of the two steps of a stride; sideways",
        PASCIUTO,
    ),
    CatalogueEntry(
        "improved_harmonic_ratio_ap",
        "%",
        0.0,
        100.0,
        "Likeness of the two steps of a stride; forward-backward",
        PASCIUTO,
    ),
    CatalogueEntry(
        "smoothness_sparc",
        "1",
        -30.0,
        -1.0,
        "Spectral arc length of the rotation rate, turns included; compare walks of equal length",
        "Balasubramanian 2015, J NeuroEng Rehabil 12:112",
    ),
    CatalogueEntry(
        "smoothness_ldlj",
        "1",
        -20.0,
        0.0,
        "Log dimensionless jerk of acceleration, mean of the straight legs; compare walks of equal length",
        "Melendez-Calderon 2021, Front Bioeng Biotechnol 8:558771",
    ),
    CatalogueEntry(
        "local_divergence",
        "1",
        -0.5,
        3.0,
        "Short-term divergence exponent a stride, over fifty strides without a turn",
        "Rosenstein 1993, Physica D 65:117",
    ),
)
UNITS = {entry.key: entry.unit for entry in ENTRIES}
