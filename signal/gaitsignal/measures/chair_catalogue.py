"""What every measure of the chair tests is: key, unit, plausible range, meaning, source."""

from __future__ import annotations

from gaitsignal.measures.catalogue_entry import CatalogueEntry

GURALNIK = "Guralnik 1994, J Gerontol 49:M85, chair stands of the SPPB"
JONES = "Jones 1999, Res Q Exerc Sport 70:113, 30-s chair stand"
ADAMOWICZ = "Adamowicz 2020, Sensors 20:6618"
ALCAZAR = "Alcazar 2018, Exp Gerontol 112:38"

ENTRIES = (
    CatalogueEntry("repetitions", "1", 1.0, 60.0, "Full stands that count in the test", JONES),
    CatalogueEntry(
        "total_time",
        "s",
        2.0,
        240.0,
        "First movement to the fifth full stand (five rises), or to the last one that counts (30 s)",
        GURALNIK,
    ),
    CatalogueEntry(
        "total_time_to_seat",
        "s",
        2.0,
        240.0,
        "First movement to the fifth seat contact, the other way to stop the watch",
        "Whitney 2005, Phys Ther 85:1034",
    ),
    CatalogueEntry("rise_time", "s", 0.2, 6.0, "Mean duration of a rise", ADAMOWICZ),
    CatalogueEntry("rise_time_slope", "s", -2.0, 2.0, "Growth of the duration from rise to rise", ADAMOWICZ),
    CatalogueEntry("sit_time", "s", 0.2, 6.0, "Mean duration of sitting down", ADAMOWICZ),
    CatalogueEntry("rise_height", "m", 0.12, 1.0, "Mean vertical way of the lower back in a rise", ADAMOWICZ),
    CatalogueEntry("rise_velocity", "m/s", 0.2, 3.0, "Mean of the greatest upward speeds", ADAMOWICZ),
    CatalogueEntry(
        "rise_lean", "deg", 0.0, 120.0, "Mean of the largest leans of the trunk, against standing", ADAMOWICZ
    ),
    CatalogueEntry(
        "rise_pitch_rate",
        "deg/s",
        0.0,
        500.0,
        "Mean peak rotation rate of the trunk while rising, low-passed at 5 Hz",
        ADAMOWICZ,
    ),
    CatalogueEntry("chair_power", "W", 5.0, 2000.0, "Mean power of rising", ALCAZAR),
    CatalogueEntry("chair_power_relative", "W/kg", 0.2, 20.0, "Mean power over body mass", ALCAZAR),
)
UNITS = {entry.key: entry.unit for entry in ENTRIES}
