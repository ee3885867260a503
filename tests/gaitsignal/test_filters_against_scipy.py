"""The numpy filters, spectra and peaks give scipy's numbers, without scipy's import."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaitsignal import filters
from gaitsignal.butterworth import Kind, design
from gaitsignal.peaks import find_peaks
from gaitsignal.spectrum import analytic, welch

RNG = np.random.default_rng(0)
WALK = np.cumsum(RNG.normal(size=(3000, 3)), axis=0) * 0.05 + RNG.normal(size=(3000, 3)) + [9.81, 0.0, -2.0]


@pytest.mark.parametrize(
    ("kind", "cutoff", "fs", "order"),
    [
        ("lowpass", 3.5, 100.0, 4),
        ("lowpass", 3.5, 50.0, 4),
        ("lowpass", 0.2, 100.0, 2),
        ("lowpass", 14.0, 100.0, 8),
        ("lowpass", 3.0, 100.0, 5),
        ("lowpass", 3.0, 100.0, 1),
        ("highpass", 0.1, 100.0, 4),
        ("highpass", 0.1, 200.0, 4),
        ("highpass", 0.3, 128.0, 3),
        ("bandpass", (0.6, 1.4), 100.0, 2),
        ("bandpass", (0.15, 3.14), 40.0, 4),
        ("bandpass", (0.5, 45.0), 100.0, 3),
    ],
)
def test_filters_equal_scipy(kind: Kind, cutoff: float | tuple[float, float], fs: float, order: int) -> None:
    from scipy.signal import butter, sosfiltfilt

    want = sosfiltfilt(butter(order, cutoff, btype=kind, fs=fs, output="sos"), WALK, axis=0)
    low_high = cutoff if isinstance(cutoff, tuple) else (cutoff,)
    got = getattr(filters, kind)(WALK, *low_high, fs, order)
    assert np.abs(got - want).max() < 1e-10 * np.abs(want).max()


@given(st.integers(16, 400), st.floats(0.01, 0.9), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_any_length_and_cutoff_equals_scipy(n: int, share: float, order: int) -> None:
    from scipy.signal import butter, sosfiltfilt

    x, cutoff = WALK[:n, 0], share * 50.0
    sections = butter(order, cutoff, fs=100.0, output="sos")
    try:
        want = sosfiltfilt(sections, x)
    except ValueError:
        with pytest.raises(ValueError, match="too few"):
            filters.lowpass(x, cutoff, 100.0, order)
        return
    assert filters.lowpass(x, cutoff, 100.0, order) == pytest.approx(want, abs=1e-8)


@pytest.mark.parametrize(("kind", "cutoff"), [("lowpass", 0.0), ("highpass", 50.0), ("bandpass", 3.0)])
def test_a_cutoff_that_does_not_fit_is_refused(kind: Kind, cutoff: float) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        design(kind, cutoff, 100.0, 4)


@pytest.mark.parametrize(("n", "segment"), [(3000, 1000), (2999, 1000), (409, 409), (999, 501)])
def test_welch_equals_scipy(n: int, segment: int) -> None:
    from scipy.signal import welch as reference

    x = WALK[:n, 1]
    f, density = welch(x, 100.0, segment, nfft=n)
    want_f, want = reference(x, 100.0, "hann", segment, detrend="linear", nfft=n)
    assert f == pytest.approx(want_f)
    assert density == pytest.approx(want, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("n", [1000, 1001, 2])
def test_analytic_equals_scipy(n: int) -> None:
    from scipy.signal import hilbert

    assert analytic(WALK[:n]) == pytest.approx(hilbert(WALK[:n], axis=0), abs=1e-12)


@pytest.mark.parametrize("distance", [1, 2, 7, 45])
def test_peaks_equal_scipy(distance: int) -> None:
    from scipy.signal import find_peaks as reference

    for x in WALK.T:
        want, _ = reference(x, distance=distance)
        assert find_peaks(x, distance).tolist() == want.tolist()


def test_a_flat_top_is_one_peak_and_an_end_is_none() -> None:
    assert find_peaks(np.array([3.0, 1, 2, 2, 2, 1, 0, 5])).tolist() == [3]
    assert find_peaks(np.ones(9)).size == 0
    assert find_peaks(np.array([0.0, 1, 1, 2, 0])).tolist() == [3]


def test_peaks_that_tie_are_still_apart() -> None:
    x = np.tile([0.0, 1.0], 50)
    peaks = find_peaks(x, distance=7)
    assert np.diff(peaks).min() >= 7
    assert peaks.size >= 100 // 8


def test_sway_needs_no_scipy() -> None:
    code = (
        "import sys; from gaitsignal.protocols import quiet_stance; from gaitsignal.synthetic import stander;"
        "assert quiet_stance.run(stander().recording).usable; print('scipy' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
