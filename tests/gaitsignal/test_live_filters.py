"""Causal filters equal scipy's, block by block."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from gaitsignal.live.causal import BLOCK, CausalFilters, butterworth


@pytest.mark.parametrize("fs_hz", [50.0, 100.0, 128.0, 200.0])
@pytest.mark.parametrize("cutoff_hz", [3.5, 0.5, (0.22, 0.67), (1.0, 4.5)])
@pytest.mark.parametrize("order", [2, 4])
def test_equal_scipy_from_a_settled_start(
    fs_hz: float, cutoff_hz: float | tuple[float, float], order: int
) -> None:
    x = np.random.default_rng(1).normal(loc=(5.0, -9.81), size=(600, 2))
    kind = "bandpass" if isinstance(cutoff_hz, tuple) else "lowpass"
    sos = signal.butter(order, cutoff_hz, kind, fs=fs_hz, output="sos")
    start = signal.sosfilt_zi(sos)[:, :, None] * x[0]
    expected, _ = signal.sosfilt(sos, x, axis=0, zi=start)
    filters = CausalFilters([butterworth(cutoff_hz, fs_hz, order)], 2)
    got = np.concatenate([filters.push(block)[0] for block in x.reshape(-1, BLOCK, 2)])
    np.testing.assert_allclose(got, expected, atol=1e-9)


def test_several_filters_do_not_disturb_each_other() -> None:
    x = np.random.default_rng(2).normal(size=(40, BLOCK, 1))
    designs = [butterworth((low, 3 * low), 100.0, 2) for low in (0.3, 0.6, 1.2)]
    together = CausalFilters(designs, 1)
    alone = [CausalFilters([design], 1) for design in designs]
    for block in x:
        np.testing.assert_allclose(together.push(block), [one.push(block)[0] for one in alone], atol=1e-12)


def test_a_constant_passes_a_low_pass_and_not_a_band_pass() -> None:
    block = np.full((BLOCK, 1), 9.81)
    for design, level in ((butterworth(3.5, 100.0, 4), 9.81), (butterworth((0.5, 1.5), 100.0, 2), 0.0)):
        filters = CausalFilters([design], 1)
        for _ in range(5):
            np.testing.assert_allclose(filters.push(block), level, atol=1e-9)


def test_an_odd_order_is_refused() -> None:
    with pytest.raises(ValueError, match="odd"):
        butterworth(3.5, 100.0, 3)
