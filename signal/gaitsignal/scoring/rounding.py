"""Times as a stopwatch shows them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def hundredths(seconds: float) -> Decimal:
    """`seconds` to 0.01, halves upwards, in decimal: 4.815 becomes 4.82; ValueError unless finite and >= 0.

    Notes
    -----
    The shortest decimal that names the float is rounded, not its binary value: people type 4.815.
    """
    exact = Decimal(repr(float(seconds)))
    if not exact.is_finite() or exact < 0:
        raise ValueError(f"{seconds} is no time in s")
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
