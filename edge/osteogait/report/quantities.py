"""Numbers as people read them: whole percent from 10 % up, half percents below, people of a hundred."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from osteogait.report.language import Language

WHOLE_FROM = Decimal(10)  # percent; below, whole percents would hide differences that matter
HALF = Decimal("0.5")
ENTERED_DIGITS = 6  # significant; nobody enters more, and binary noise stays out

UNIT_SIGNS = {"m/s2": "m/s²", "m2/s4": "m²/s⁴", "m2/s5": "m²/s⁵", "g/cm2": "g/cm²", "mg HA/cm3": "mg HA/cm³"}


@dataclass(frozen=True, slots=True)
class Frequency:
    """A probability in people of a hundred: `kind` chooses the words, `filled` figures are drawn full."""

    kind: str
    n: int
    m: int
    filled: Decimal


def rounded_percent(probability: float) -> Decimal:
    """Percent of a probability, rounded half up: to halves below 10, to whole numbers from 10 on."""
    percent = Decimal(repr(probability)) * 100
    in_halves = (percent / HALF).quantize(Decimal(1), ROUND_HALF_UP) * HALF
    return in_halves if in_halves < WHOLE_FROM else percent.quantize(Decimal(1), ROUND_HALF_UP)


def percent_text(probability: float) -> str:
    """For example `12%`, `2.5%`, `<0.5%`, `>99%`: never 0 or 100, which no model can promise."""
    percent = rounded_percent(probability)
    if percent < HALF:
        return "<0.5%"
    if percent >= 100:
        return ">99%"
    return f"{percent.normalize():f}%"


def interval_text(interval: tuple[float, float], language: Language) -> str:
    """Both ends of an interval in percent."""
    low, high = (percent_text(end) for end in interval)
    if low == high:
        return low
    short = low.removesuffix("%") if low[0] not in "<>" else low
    return short + language.text("to") + high


def frequency(probability: float) -> Frequency:
    """The probability as people of a hundred, by the same rounding as its percent."""
    percent = rounded_percent(probability)
    if percent < HALF:
        return Frequency("none", 0, 0, Decimal(0))
    if percent >= 100:
        return Frequency("all", 100, 100, Decimal(99) + HALF)
    whole = int(percent)
    if whole == 0:
        return Frequency("few", 0, 1, percent)
    if percent == whole:
        return Frequency("about", whole, whole, percent)
    return Frequency("between", whole, whole + 1, percent)


def score(value: float, language: Language) -> str:
    """A T- or Z-score as bone density reports write it: one decimal at least."""
    return fixed(value, 1, language) if value == round(value, 1) else plain(value, language)


def plain(value: float, language: Language, digits: int | None = None) -> str:
    """A number as it was entered, or with so many significant digits; the true minus sign."""
    if digits is not None and abs(value) >= 10**digits:
        text = f"{value:.0f}"
    else:
        text = f"{value:.{digits or ENTERED_DIGITS}g}"
    if "e" in text:
        text = f"{Decimal(text):f}"
    return text.replace("-", language.text("minus"))


def fixed(value: float, decimals: int, language: Language) -> str:
    """A number with a fixed number of decimals and the true minus sign."""
    return f"{value:.{decimals}f}".replace("-", language.text("minus"))


def signed(value: float, language: Language) -> str:
    """A change with two decimals and its sign."""
    sign = language.text("minus" if value < 0 else "plus")
    return sign + f"{abs(value):.2f}"


def unit_text(unit: str, language: Language) -> str:
    """A unit as it is printed; nothing for counts and scores."""
    name = language.either("units", UNIT_SIGNS.get(unit, unit))
    return name.replace("ug/", "µg/").replace("umol/", "µmol/")


def with_unit(number: str, unit: str, language: Language) -> str:
    """A number and its printed unit."""
    shown = unit_text(unit, language)
    return f"{number} {shown}" if shown else number


def date_text(iso: str | None, language: Language) -> str:
    """The day of an ISO 8601 moment in the words of the language."""
    if iso is None:
        return language.text("no_date")
    moment = datetime.fromisoformat(iso)
    month = language.table("months")[moment.month - 1]
    return language.text("date", day=moment.day, month=month, year=moment.year)


def time_text(iso: str) -> str:
    """The time of an ISO 8601 moment in UTC, to the minute."""
    moment = datetime.fromisoformat(iso)
    return (moment if moment.tzinfo is None else moment.astimezone(UTC)).strftime("%H:%M")
