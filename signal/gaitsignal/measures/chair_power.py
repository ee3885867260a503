"""Power of rising from a chair by Alcazar's equation."""

from __future__ import annotations

GRAVITY = 9.81
MOVED_SHARE = 0.9
"""Share of the body mass that is lifted (all but the shanks and feet)."""
WAY_SHARE = 0.5
RISING_SHARE = 0.5


def chair_power_w(mass_kg: float, height_m: float, seat_height_m: float, seconds: float, rises: int) -> float:
    """Mean power in W of `rises` rises in `seconds`; ValueError when the seat is not below half the height.

    Notes
    -----
    Alcazar 2018, Exp Gerontol 112:38, and 2020: 0.9 m g (0.5 H - Hc) over the time of one way up, which is half of the
    time of one repetition: 0.1 t5 for five, 30 / (2 n) for thirty seconds. Low at 65 years and over: under
    2.5 W/kg in men, 1.9 in women.
    """
    way_m = WAY_SHARE * height_m - seat_height_m
    if min(mass_kg, seat_height_m, seconds, way_m) <= 0.0 or rises < 1:
        raise ValueError(
            f"no power from {mass_kg} kg, height {height_m} m, seat {seat_height_m} m, {rises} rises in {seconds} s"
        )
    return MOVED_SHARE * mass_kg * GRAVITY * way_m / (RISING_SHARE * seconds / rises)
