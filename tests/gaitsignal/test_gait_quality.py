"""How a walk was walked: harmonic ratios, smoothness and divergence by hand, on synthetic and on real walkers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gaitsignal.events.legs import Leg
from gaitsignal.measures.divergence import local_divergence
from gaitsignal.measures.harmonics import MAX_STRIDES, improved_harmonic_ratio
from gaitsignal.measures.smoothness import log_dimensionless_jerk, spectral_arc_length
from gaitsignal.pipeline import measure
from gaitsignal.readers import read_recording
from gaitsignal.recording import FloatArray, Recording
from gaitsignal.result import Measures
from gaitsignal.synthetic import walker

FS_HZ = 100.0
STRIDE = 110
RATIOS = tuple(f"improved_harmonic_ratio_{axis}" for axis in ("v", "ml", "ap"))


def codes(measures: Measures) -> set[str]:
    return {flag.code for flag in measures.flags}


def _leg(strides: int, stride: float = STRIDE) -> Leg:
    rows = 200.0 + 0.5 * stride * np.arange(2 * strides + 1)
    return Leg(rows, (None,) * rows.size)


def _wave(strides: int, powers: dict[int, float]) -> FloatArray:
    """A signal with the given power at harmonics of the stride."""
    t = np.arange(400 + strides * STRIDE) / STRIDE
    return np.sum([np.sqrt(p) * np.sin(2.0 * np.pi * k * t + k) for k, p in powers.items()], axis=0)


def _ratio(powers: dict[int, float], strides: int = 6) -> FloatArray:
    wave = _wave(strides, powers)
    found = improved_harmonic_ratio(np.column_stack([wave, wave, wave]), (_leg(strides),), FS_HZ)
    assert found is not None
    return found


def test_even_harmonics_are_alike_and_odd_ones_mirrored() -> None:
    np.testing.assert_allclose(_ratio({2: 1.0, 4: 0.3}), [100.0, 0.0, 100.0], atol=0.6)
    np.testing.assert_allclose(_ratio({1: 1.0, 3: 0.3}), [0.0, 100.0, 0.0], atol=0.6)


def test_the_ratio_is_of_powers() -> None:
    np.testing.assert_allclose(_ratio({2: 3.0, 1: 1.0}), [75.0, 25.0, 75.0], atol=3.0)


def test_noise_of_contacts_does_not_matter() -> None:
    wave = _wave(8, {2: 4.0, 4: 1.0, 1: 0.5})
    acc = np.column_stack([wave, wave, wave])
    exact = _leg(8)
    shaken = replace(exact, rows=exact.rows + np.random.default_rng(0).normal(0.0, 3.0, exact.rows.size))
    sharp, blurred = (improved_harmonic_ratio(acc, (leg,), FS_HZ) for leg in (exact, shaken))
    assert sharp is not None
    assert blurred is not None
    np.testing.assert_allclose(blurred, sharp, atol=5.0)


def test_too_few_strides_have_no_ratio_and_many_are_thinned() -> None:
    wave = _wave(6, {2: 1.0, 1: 1.0})
    assert improved_harmonic_ratio(np.column_stack([wave] * 3), (_leg(2),), FS_HZ) is None
    assert improved_harmonic_ratio(np.column_stack([0.0 * wave] * 3), (_leg(6),), FS_HZ) is None
    long = _wave(2 * MAX_STRIDES, {2: 3.0, 1: 1.0})
    found = improved_harmonic_ratio(np.column_stack([long] * 3), (_leg(2 * MAX_STRIDES),), FS_HZ)
    assert found is not None
    assert found[0] == pytest.approx(75.0, abs=3.0)


def test_spectral_arc_length_of_the_published_example() -> None:
    t = np.arange(-1.0, 1.0, 0.01)
    assert spectral_arc_length(np.exp(-5.0 * t**2), 100.0) == pytest.approx(-1.41403, abs=2e-5)


def test_a_shaken_profile_is_less_smooth() -> None:
    t = np.arange(0.0, 10.0, 0.01)
    calm = 1.0 + np.sin(2.0 * np.pi * t)
    shaken = calm + 0.4 * np.sin(2.0 * np.pi * 6.3 * t)
    assert spectral_arc_length(shaken, 100.0) < spectral_arc_length(calm, 100.0)
    assert log_dimensionless_jerk(shaken) < log_dimensionless_jerk(calm)


def test_jerk_of_a_sine_by_hand() -> None:
    n, omega = 1000, 2.0 * np.pi / 100.0
    wave = np.sin(omega * np.arange(n))
    assert log_dimensionless_jerk(wave) == pytest.approx(-np.log(n * n * omega**2 / 2.0), abs=0.01)
    assert log_dimensionless_jerk(7.0 * wave) == pytest.approx(log_dimensionless_jerk(wave))


def test_profiles_without_movement_are_refused() -> None:
    with pytest.raises(ValueError, match="zeros"):
        spectral_arc_length(np.zeros(100), 100.0)
    with pytest.raises(ValueError, match="constant"):
        log_dimensionless_jerk(np.ones(100))


def _treadmill(noise: float, strides: int = 60) -> tuple[FloatArray, tuple[Leg, ...]]:
    rng = np.random.default_rng(1)
    wave = _wave(strides, {2: 1.0, 1: 0.2, 4: 0.3, 3: 0.1})
    return wave + noise * rng.normal(size=wave.size), (_leg(strides),)


def test_divergence_needs_fifty_strides_in_a_row() -> None:
    wave, legs = _treadmill(0.05, 49)
    assert local_divergence(wave, legs, FS_HZ) is None
    wave, (leg,) = _treadmill(0.05)
    halves = (Leg(leg.rows[:60], leg.sides[:60]), Leg(leg.rows[60:], leg.sides[60:]))
    assert local_divergence(wave, halves, FS_HZ) is None


def test_a_chaotic_oscillator_diverges_faster_than_a_steady_one() -> None:
    """Rossler's system: a band of chaos beside a limit cycle with the same noise."""
    found = []
    for c in (2.5, 5.7):
        x = _rossler(c, 75)
        peaks = np.flatnonzero((x[1:-1] > x[:-2]) & (x[1:-1] >= x[2:])) + 1.0
        rows = np.sort(np.concatenate([peaks, 0.5 * (peaks[1:] + peaks[:-1])]))
        exponent = local_divergence(x, (Leg(rows, (None,) * rows.size),), FS_HZ)
        assert exponent is not None
        found.append(exponent)
    assert found[1] > found[0] + 0.1


def _rossler(c: float, turns: int) -> FloatArray:
    """x of da = b = 0.2 with about 100 samples a turn, after the transient."""
    step, state = 5.9 / 100.0, np.array([1.0, 1.0, 0.0])

    def rate(s: FloatArray) -> FloatArray:
        return np.array([-s[1] - s[2], s[0] + 0.2 * s[1], 0.2 + s[2] * (s[0] - c)])

    track = []
    for _ in range(100 * (turns + 20)):
        k1 = rate(state)
        k2 = rate(state + 0.5 * step * k1)
        k3 = rate(state + 0.5 * step * k2)
        state = state + step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + rate(state + step * k3))
        track.append(state[0])
    return np.array(track[2000:])


def test_a_limp_lowers_the_ratios_of_a_synthetic_walker() -> None:
    even, limping = (
        measure(walker(1.1, asymmetry_percent=percent, seed=2).recording, "walk") for percent in (0.0, 15.0)
    )
    assert set(RATIOS) <= set(even.values)
    assert even.values[RATIOS[0]].value > 80.0
    assert limping.values[RATIOS[0]].value < even.values[RATIOS[0]].value


def test_smoothness_needs_rest_and_an_unbroken_walk() -> None:
    recording = walker(1.1, seed=2).recording
    assert {"smoothness_sparc", "smoothness_ldlj"} <= set(measure(recording, "walk").values)
    middle = recording.n // 2
    assert "smoothness_withheld" in codes(measure(_without(recording, middle, middle + 9), "walk"))
    walk = measure(recording, "walk")
    first, last = walk.events.walking_bouts[0].start_s, walk.events.walking_bouts[-1].end_s
    inside = slice(round((first + 0.3) * 100), round((last - 0.3) * 100))
    moving = replace(
        recording, acc=recording.acc[inside], gyr=recording.gyr[inside], measured=recording.measured[inside]
    )
    restless = measure(moving, "walk")
    assert "smoothness_without_rest" in codes(restless)
    assert "smoothness_sparc" not in restless.values


def _without(recording: Recording, first: int, stop: int) -> Recording:
    measured = recording.measured.copy()
    measured[first:stop] = False
    acc, gyr = (np.where(measured[:, None], x, np.nan) for x in (recording.acc, recording.gyr))
    return replace(recording, acc=acc, gyr=gyr, measured=measured)


@pytest.mark.realdata
def test_real_walkers(shared: Path) -> None:
    """Healthy walkers are alike on both sides, the walker with multiple sclerosis is not."""
    folder = shared / "data" / "gait"
    healthy = [measure(read_recording(path), "walk") for path in sorted(folder.glob("ipol1_s*_t1.npz"))]
    impaired = measure(read_recording(folder / "semio_ms_m0_edss6.npz"), "walk")
    for key in RATIOS:
        lowest = min(walk.values[key].value for walk in healthy)
        assert lowest > 75.0
        assert impaired.values[key].value < lowest
    sparc = [w.values["smoothness_sparc"].value for w in healthy if "smoothness_sparc" in w.values]
    assert len(sparc) >= 8
    assert -8.0 < min(sparc) < max(sparc) < -2.0
    assert all("divergence_too_short" in codes(walk) for walk in healthy)
    treadmill = measure(read_recording(folder / "tripod_fz_pws.npz"), "walk")
    assert 0.5 < treadmill.values["local_divergence"].value < 2.0
