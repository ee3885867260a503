"""What every measure of the timed up and go is: key, unit, plausible range, meaning, source."""

from __future__ import annotations

from gaitsignal.measures.catalogue_entry import CatalogueEntry

PODSIADLO = "Podsiadlo & Richardson 1991, J Am Geriatr Soc 39:142"
SALARIAN = "Salarian 2010, IEEE Trans Neural Syst Rehabil Eng 18:303, phases of the instrumented test"
EL_GOHARY = "El-Gohary 2014, Sensors 14:356"

ENTRIES = (
    CatalogueEntry(
        "tug_total", "s", 3.0, 120.0, "First movement of the rise to settled on the seat", PODSIADLO
    ),
    CatalogueEntry("tug_stand_up", "s", 0.2, 30.0, "First movement of the rise to upright", SALARIAN),
    CatalogueEntry("tug_walk_1", "s", 0.1, 60.0, "Upright to the start of the first turn", SALARIAN),
    CatalogueEntry("tug_turn_1", "s", 0.3, 15.0, "First turn, between 15 and 85 % of its angle", SALARIAN),
    CatalogueEntry(
        "tug_walk_2", "s", 0.1, 60.0, "End of the first to the start of the second turn", SALARIAN
    ),
    CatalogueEntry("tug_turn_2", "s", 0.3, 15.0, "Turn before the chair, to where sitting begins", SALARIAN),
    CatalogueEntry("tug_sit_down", "s", 0.1, 30.0, "End of the second turn to settled on the seat", SALARIAN),
    CatalogueEntry(
        "tug_turn_1_peak_rate", "deg/s", 15.0, 500.0, "Peak yaw rate, low-passed at 1.5 Hz", EL_GOHARY
    ),
    CatalogueEntry(
        "tug_turn_2_peak_rate", "deg/s", 15.0, 500.0, "Peak yaw rate, low-passed at 1.5 Hz", EL_GOHARY
    ),
    CatalogueEntry(
        "tug_turn_1_angle", "deg", 120.0, 260.0, "Integral of the yaw rate of the first turn", EL_GOHARY
    ),
    CatalogueEntry(
        "tug_turn_2_angle", "deg", 120.0, 260.0, "Integral of the yaw rate of the second turn", EL_GOHARY
    ),
    CatalogueEntry(
        "tug_rise_lean",
        "deg",
        0.0,
        120.0,
        "Largest lean of the trunk while rising, against walking",
        SALARIAN,
    ),
    CatalogueEntry(
        "tug_sit_lean", "deg", 0.0, 120.0, "Largest lean of the trunk while sitting down", SALARIAN
    ),
    CatalogueEntry(
        "tug_rise_pitch_rate",
        "deg/s",
        0.0,
        500.0,
        "Peak trunk rate while rising, low-passed at 5 Hz",
        SALARIAN,
    ),
    CatalogueEntry(
        "tug_sit_pitch_rate",
        "deg/s",
        0.0,
        500.0,
        "Peak trunk rate while sitting, low-passed at 5 Hz",
        SALARIAN,
    ),
)
UNITS = {entry.key: entry.unit for entry in ENTRIES}
