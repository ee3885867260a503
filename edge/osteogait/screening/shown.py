"""Which numbers of the tests are shown of a person, by which words, beside which published values and rules."""

from __future__ import annotations

from dataclasses import dataclass

from osteogait.screening.test_guide import N_


@dataclass(frozen=True, slots=True)
class Shown:
    """How one measure of a protocol is shown: its words, its norm (measure, method), its names in the rules."""

    protocol: str
    key: str
    title: str
    norm: tuple[str, str] | None = None
    rules: tuple[str, ...] = ()
    remark: str = ""


STEPPED_20FT = ("gait_speed", "stopwatch_20ft")
CHAIR = ("chair_stand_5x", "stopwatch")
RISES = ("chair_stand_5x",)
TIMES_UP = N_("Five times up, time")
LEG_POWER = N_("Power of the legs, per kg of body weight")
NO_RANGE = N_("For a sensor on the lower back no usual range is published. Compare this person's own visits.")

SHOWN = (
    Shown("walk", "walking_speed", N_("Walking speed"), STEPPED_20FT, ("gait_speed", "gait_speed_6m")),
    Shown("timed_up_and_go", "tug_total", N_("Up and go, time"), ("tug", "stopwatch"), ("tug",)),
    Shown("chair_stand_5x", "total_time", TIMES_UP, CHAIR, RISES),
    Shown("sppb", "total_time", TIMES_UP, CHAIR, RISES),
    Shown("chair_stand_30s", "repetitions", N_("Times up in 30 seconds"), ("stands_30s", "count"), ("stands_30s",)),
    Shown("chair_stand_5x", "chair_power_relative", LEG_POWER),
    Shown("sppb", "chair_power_relative", LEG_POWER),
    Shown("chair_stand_30s", "chair_power_relative", LEG_POWER),
    Shown("one_leg", "hold_time", N_("On one leg, time"), None, ("one_leg_open",)),
    Shown("quiet_stance", "rms", N_("Sway while standing"), remark=NO_RANGE),
)  # fmt: skip
"""What one test gives by itself."""
SPPB = Shown("sppb", "sppb", N_("SPPB, points of 12"), None, ("sppb",))
SPEED_4M = Shown("sppb", "speed_4m", N_("Walking speed over 4 metres"), STEPPED_20FT, ("gait_speed",))
"""AWGS 2019 names a walk of 6 m: its limit is not laid on 4 m."""
TANDEM = Shown("four_stage", "tandem", N_("Heel to toe, time held"), None, ("tandem",))
ROMBERG = Shown("quiet_stance", "romberg_rms", N_("Sway, eyes closed over open"), remark=NO_RANGE)

PARTS = {"balance": N_("Balance"), "walk": N_("Gait speed"), "chair": N_("Chair stands")}
"""Of the Short Physical Performance Battery, four points each."""
ESTIMATED = N_("Estimated from the steps: no time was taken at the line of 4 metres.")
NO_RISE = N_("Counted as 0: the person could not stand up without the arms (CDC STEADI).")
LOW_POWER_W_KG = {"male": 2.5, "female": 1.9}
"""Under it the power of the legs is low: Baltasar-Fernandez 2021, by the equation of Alcazar 2018 (chair_power)."""
LOW_POWER_AGES = 65
"""Years, from which these limits hold."""
SLOW_M_S = 0.8
"""Lundin 2017: under it women had 8.3 times the rate of hip fractures (95 % 3.62-18.98; 351 women, 40 fractures)."""
SLOW_WOMAN = N_(
    "Women who walked slower than 0.8 m/s broke a hip 8.3 times as often (95% interval 3.6 to 19) in one study "
    "of 351 women with 40 hip fractures: Lundin 2017. One study, so the number is uncertain."
)
