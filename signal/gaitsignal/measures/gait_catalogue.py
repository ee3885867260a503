"""What every measure of walking is: key, unit, plausible range, meaning, source."""

from __future__ import annotations

from gaitsignal.measures.catalogue_entry import CatalogueEntry

ZIJLSTRA = "Zijlstra & Hof 2003, Gait Posture 18:1, corrected (measures/speed.py)"
MOE_NILSSEN = "Moe-Nilssen & Helbostad 2004, J Biomech 37:121"
EL_GOHARY = "El-Gohary 2014, Sensors 14:356, tightened borders"
OWN = "gaitsignal: contacts of straight walking"

ENTRIES = (
    CatalogueEntry(
        "walking_speed",
        "m/s",
        0.1,
        2.5,
        "Mean speed over straight legs, first and last steps included, but not feet that are only put together",
        ZIJLSTRA,
    ),
    CatalogueEntry(
        "timed_walking_speed",
        "m/s",
        0.01,
        5.0,
        "Distance over the time between the marks of a stopwatch (4, 6 and 10 m walks)",
        "design: distance over time; SPPB, AWGS 2019 and 10 m walk test protocols",
    ),
    CatalogueEntry(
        "steady_walking_speed",
        "m/s",
        0.1,
        2.5,
        "Speed without the first and last two steps of a leg",
        ZIJLSTRA,
    ),
    CatalogueEntry("cadence", "steps/min", 25.0, 200.0, "60 over mean step time of straight walking", OWN),
    CatalogueEntry("stride_length", "m", 0.1, 2.2, "Walking speed times stride time", ZIJLSTRA),
    CatalogueEntry("step_time", "s", 0.3, 2.4, "Mean time between contacts of the two feet", OWN),
    CatalogueEntry("stride_time", "s", 0.6, 4.8, "Mean time between contacts of the same foot", OWN),
    CatalogueEntry(
        "stride_time_cv",
        "%",
        0.0,
        30.0,
        "Variation of stride time, ends of legs left out; only when contacts are sharp",
        "Hausdorff 2005, J NeuroEng Rehabil 2:19",
    ),
    CatalogueEntry("step_regularity", "1", -1.0, 1.0, "Likeness of neighbouring steps", MOE_NILSSEN),
    CatalogueEntry("stride_regularity", "1", -1.0, 1.0, "Likeness of neighbouring strides", MOE_NILSSEN),
    CatalogueEntry(
        "step_symmetry",
        "1",
        -1.0,
        3.0,
        "Step over stride regularity, 1 when both legs do the same",
        MOE_NILSSEN,
    ),
    CatalogueEntry(
        "vertical_excursion", "m", 0.002, 0.12, "Rise and fall of the lower back in a step", ZIJLSTRA
    ),
    CatalogueEntry("n_steps", "1", 4.0, 20_000.0, "Initial contacts found, turns included", OWN),
    CatalogueEntry(
        "n_straight_strides", "1", 0.0, 20_000.0, "Strides of straight legs that the means rest on", OWN
    ),
    CatalogueEntry("walking_time", "s", 1.0, 10_000.0, "Sum of the walking bouts", OWN),
    CatalogueEntry("n_turns", "1", 0.0, 2_000.0, "Turns of 45 deg or more while walking", EL_GOHARY),
    CatalogueEntry("turn_duration", "s", 0.2, 15.0, "Mean duration of the turns", EL_GOHARY),
    CatalogueEntry(
        "turn_peak_rate",
        "deg/s",
        15.0,
        500.0,
        "Mean peak yaw rate of the turns, low-passed at 1.5 Hz",
        EL_GOHARY,
    ),
)
UNITS = {entry.key: entry.unit for entry in ENTRIES}
