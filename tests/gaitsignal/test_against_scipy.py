"""Filters, spectra and peaks equal scipy's, which the product does not import for them."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import scipy.signal

from gaitsignal.filters import bandpass, highpass, lowpass
from gaitsignal.peaks import find_peaks
from gaitsignal.spectrum import analytic, welch

RNG = np.random.default_rng(7)


def drifting(n: int) -> np.ndarray:
    """(n, 3) random walks that start at gravity: ends that do not meet, most power at the lowest frequencies."""
    return 9.81 + np.cumsum(RNG.normal(size=(n, 3)), axis=0)


@pytest.mark.parametrize("fs_hz", [50.0, 100.0, 128.0])
@pytest.mark.parametrize("n", [60, 1001, 12_000])
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_filters_equal_sosfiltfilt(fs_hz: float, n: int, order: int) -> None:
    x = drifting(n)
    for cutoff in (0.1, 0.5, 3.5, 20.0):
        for kind, ours in (("lowpass", lowpass), ("highpass", highpass)):
            sections = scipy.signal.butter(order, cutoff, kind, fs=fs_hz, output="sos")
            want = scipy.signal.sosfiltfilt(sections, x, axis=0)
            assert np.abs(ours(x, cutoff, fs_hz, order) - want).max() <= 1e-11 * np.abs(x).max()
    for band in ((0.15, 0.5), (0.3, 6.0), (0.5, 20.0)):
        sections = scipy.signal.butter(order, band, "bandpass", fs=fs_hz, output="sos")
        want = scipy.signal.sosfiltfilt(sections, x, axis=0)
        assert np.abs(bandpass(x, *band, fs_hz, order) - want).max() <= 1e-11 * np.abs(x).max()


@pytest.mark.parametrize(("order", "least"), [(1, 7), (2, 10), (4, 16)])
def test_a_record_shorter_than_its_padding_is_refused(order: int, least: int) -> None:
    assert lowpass(np.ones(least), 3.5, 100.0, order) == pytest.approx(np.ones(least))
    with pytest.raises(ValueError, match="too few"):
        lowpass(np.ones(least - 1), 3.5, 100.0, order)


@pytest.mark.parametrize("band", [(0.0, 2.0), (3.0, 2.0), (3.0, 50.0), (2.0, 2.0)])
def test_a_band_that_is_none_is_refused(band: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="must rise between 0 and half of 100"):
        bandpass(np.ones(100), *band, 100.0)


@pytest.mark.parametrize(("n", "segment", "nfft"), [(16, 16, 16), (1001, 301, 1001), (3000, 1500, 3000)])
def test_power_density_equals_welch(n: int, segment: int, nfft: int) -> None:
    x = drifting(n)[:, 0]
    want = scipy.signal.welch(x, 100.0, "hann", segment, detrend="linear", nfft=nfft)
    frequencies, density = welch(x, 100.0, segment, nfft)
    np.testing.assert_allclose(frequencies, want[0], rtol=1e-12)
    np.testing.assert_allclose(density, want[1], rtol=1e-9, atol=1e-12 * want[1].max())


@pytest.mark.parametrize("shape", [(1,), (10,), (11, 3)])
def test_the_analytic_signal_equals_hilbert(shape: tuple[int, ...]) -> None:
    x = RNG.normal(size=shape)
    np.testing.assert_allclose(analytic(x), scipy.signal.hilbert(x, axis=0), atol=1e-13)


@pytest.mark.parametrize("distance", [1, 2, 7, 40])
def test_peaks_equal_those_of_scipy(distance: int) -> None:
    x = RNG.normal(size=2000)
    x[200:205] = 9.0  # a flat top of odd length
    want = scipy.signal.find_peaks(x, distance=distance)[0]
    np.testing.assert_array_equal(find_peaks(x, distance), want)
    assert 202 in find_peaks(x, distance)


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_nothing_rises_in_a_flat_or_tiny_record(n: int) -> None:
    assert find_peaks(np.ones(n)).size == 0


def test_a_walk_is_measured_without_scipy() -> None:
    code = (
        "import sys\n"
        "from gaitsignal.pipeline import measure\n"
        "from gaitsignal.synthetic import walker\n"
        "assert measure(walker(steps=20, seed=1).recording, 'walk').usable\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'scipy'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
