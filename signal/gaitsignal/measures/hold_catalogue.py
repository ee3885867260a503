"""What every measure of held stances and of the parts of the SPPB is: key, unit, plausible range, source."""

from __future__ import annotations

from gaitsignal.measures.catalogue_entry import CatalogueEntry

VELLAS = "Vellas 1997, J Am Geriatr Soc 45:735; end read from the sensor (events/holds.py)"
GURALNIK = "Guralnik 1994, J Gerontol 49:M85"

ENTRIES = (
    CatalogueEntry(
        "hold_time", "s", 0.0, 120.0, "How long a stance was held, up to the limit of the test", VELLAS
    ),
    CatalogueEntry(
        "sppb_gait_time",
        "s",
        0.5,
        60.0,
        "Time for the marked distance, from the speed of the walk; the stopwatch is the reference",
        GURALNIK,
    ),
    CatalogueEntry(
        "sppb_gait_points", "1", 0.0, 4.0, "Points of this walk; the faster of two counts", GURALNIK
    ),
    CatalogueEntry("sppb_chair_points", "1", 0.0, 4.0, "Points of the five rises", GURALNIK),
)
UNITS = {entry.key: entry.unit for entry in ENTRIES}
