"""What a person asked of a sensor, held against what its model can do."""

from __future__ import annotations

from collections.abc import Iterable

from osteogait.devices.driver import Model, Settings
from osteogait.errors import UsageError


def asked_rate_hz(model: Model, settings: Settings) -> float:
    """The rate asked for, or the model's default; UsageError for one that the model does not have."""
    asked = settings.rate_hz or model.rate_hz
    if model.rates_hz and asked not in model.rates_hz:
        offered = _listed(model.rates_hz, "Hz")
        raise UsageError("sensor_rate_offered", sensor=model.name, asked=f"{asked:g}", offered=offered)
    return asked


def demand_range(model: Model, asked: int | None, offered: Iterable[float], unit: str) -> None:
    """UsageError when a range was asked for that is not on offer."""
    ranges = tuple(offered)
    if asked is not None and asked not in ranges:
        raise UsageError(
            "sensor_range_offered",
            sensor=model.name,
            asked=f"{asked} {unit}",
            offered=_listed(ranges, unit) or "-",
        )


def demand_fixed_ranges(model: Model, settings: Settings, acc_g: int, gyr_dps: int) -> None:
    """UsageError when another range was asked for than the only one there is."""
    demand_range(model, settings.acc_range_g, (acc_g,), "g")
    demand_range(model, settings.gyr_range_dps, (gyr_dps,), "deg/s")


def _listed(values: Iterable[float], unit: str) -> str:
    return ", ".join(f"{value:g} {unit}" for value in values)
