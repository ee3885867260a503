"""Synthetic people: exactly repeatable, true to their own truth, and like real ones in what is measured."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaitsignal.filters import highpass
from gaitsignal.frames import AP, ML, V, vertical_alignment
from gaitsignal.recording import Recording
from gaitsignal.synthetic import SyntheticWalk, stander, walker
from gaitsignal.synthetic.mounting import Mounting, band_noise

FS = 100.0


def straight(walk: SyntheticWalk) -> slice:
    """Rows of the steady part of the first leg."""
    contacts = [c.time_s for c in walk.straight_contacts]
    return slice(round(contacts[3] * FS), round(contacts[13] * FS))


def phase_of_ap_to_v_deg(acc: np.ndarray, step_hz: float) -> float:
    from scipy.signal import csd

    f, cross = csd(acc[:, V], acc[:, AP], fs=FS, nperseg=min(400, len(acc)))
    return float(np.degrees(np.angle(cross[np.argmin(np.abs(f - step_hz))])))


def test_the_same_arguments_give_the_same_recording() -> None:
    one, two, other = walker(seed=5), walker(seed=5), walker(seed=6)
    assert (one.recording.acc == two.recording.acc).all()
    assert one.initial_contacts == two.initial_contacts
    assert one.recording.n != other.recording.n or (one.recording.acc != other.recording.acc).any()
    assert (stander(seed=5).recording.gyr == stander(seed=5).recording.gyr).all()


@given(
    speed=st.floats(0.3, 1.6),
    cadence=st.floats(60.0, 130.0),
    asymmetry=st.floats(0.0, 12.0),
    cv=st.floats(0.5, 6.0),
    seed=st.integers(0, 50),
)
@settings(max_examples=25, deadline=None)
def test_the_truth_agrees_with_the_contacts(
    speed: float, cadence: float, asymmetry: float, cv: float, seed: int
) -> None:
    walk = walker(speed, cadence, asymmetry_percent=asymmetry, step_time_cv=cv, seed=seed)
    sides = [contact.side for contact in walk.initial_contacts]
    assert all(a != b for a, b in pairwise(sides))
    assert len(walk.straight_contacts) == 32 == walk.truth["n_steps"]
    legs = [walk.straight_contacts[:16], walk.straight_contacts[16:]]
    steps = [b.time_s - a.time_s for leg in legs for a, b in pairwise(leg)]
    # the step out of the turn ends in the second leg but began in the turn
    assert walk.truth["cadence"] == pytest.approx(60.0 / np.mean(steps))
    assert walk.truth["walking_speed"] < walk.truth["steady_speed"] == speed
    assert walk.truth["cadence"] == pytest.approx(cadence, rel=0.06)
    assert walk.bouts[0].start_s < walk.initial_contacts[0].time_s
    assert walk.bouts[0].end_s == walk.initial_contacts[-1].time_s
    assert walk.recording.duration_s > walk.bouts[0].end_s + 3.0


def test_steps_of_the_slow_foot_take_longer_by_the_asymmetry() -> None:
    walk = walker(asymmetry_percent=10.0, step_time_cv=0.0, steps=30, turn=False, seed=2)
    by_side: dict[str, list[float]] = {"left": [], "right": []}
    for before, after in pairwise(walk.initial_contacts[4:]):
        by_side[str(after.side)].append(after.time_s - before.time_s)
    left, right = (float(np.mean(times)) for times in by_side.values())
    assert 200 * abs(left - right) / (left + right) == pytest.approx(10.0, rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_the_turn_integrates_to_half_a_circle(seed: int) -> None:
    walk = walker(seed=seed, mounting=Mounting(noise=0.0))
    (turn,) = walk.turns
    assert abs(turn.angle_deg) == 180.0
    rows = slice(round((turn.start_s - 0.3) * FS), round((turn.end_s + 0.3) * FS))
    angle = np.degrees(np.sum(walk.recording.gyr[rows, V]) / FS)
    assert angle == pytest.approx(turn.angle_deg, abs=12.0)  # pelvic rotation of the steps rides on it
    assert walker(turn=False, seed=seed).turns == ()


@pytest.mark.parametrize("speed", [0.4, 0.8, 1.1, 1.4])
def test_forward_leads_up_by_the_angle_of_real_walks(speed: float) -> None:
    cadence = 60 + 50 * speed
    for seed in range(5):
        walk = walker(speed, cadence, seed=seed)
        angle = phase_of_ap_to_v_deg(walk.recording.acc[straight(walk)], cadence / 60)
        assert 45 < angle < 168


def test_standing_before_and_after_is_quiet() -> None:
    walk = walker(seed=3)
    first = round((walk.bouts[0].start_s - 0.3) * FS)
    last = round((walk.bouts[0].end_s + 1.0) * FS)
    for still in (walk.recording.acc[:first], walk.recording.acc[last:]):
        assert np.linalg.norm(still, axis=1).std() < 0.1
        assert np.linalg.norm(still.mean(axis=0)) == pytest.approx(9.81, abs=0.05)
    assert first > 280


def test_vertical_motion_grows_with_speed() -> None:
    sizes = []
    for speed in (0.4, 0.7, 1.0, 1.3):
        walk = walker(speed, 60 + 50 * speed, seed=1)
        sizes.append(walk.recording.acc[straight(walk), V].std())
    assert sizes == sorted(sizes)


@pytest.mark.parametrize(
    "mounting",
    [
        Mounting(tilt_deg=30.0, noise=0.0),
        Mounting(side_tilt_deg=-20.0, noise=0.0),
        Mounting(tilt_deg=10.0, upside_down=True, noise=0.0),
        Mounting(heading_deg=90.0, noise=0.0),
    ],
)
def test_a_mounted_sensor_feels_the_same_body(mounting: Mounting) -> None:
    plain = walker(seed=4, mounting=Mounting(noise=0.0)).recording
    worn = walker(seed=4, mounting=mounting).recording
    back = mounting.rotation()  # rows of samples @ R.T were turned into the sensor; R turns them back
    assert worn.acc @ back == pytest.approx(plain.acc, abs=1e-9)
    assert worn.gyr @ back == pytest.approx(plain.gyr, abs=1e-9)
    assert np.linalg.det(back) == pytest.approx(1.0)


def test_tilt_and_upside_down_are_what_they_say() -> None:
    leaning = stander(mounting=Mounting(tilt_deg=25.0)).recording
    assert vertical_alignment(leaning.acc.mean(axis=0)).tilt_deg == pytest.approx(25.0, abs=0.5)
    assert leaning.acc[:, AP].mean() < -4.0  # leaning forward, the forward axis dips
    to_the_right = stander(mounting=Mounting(side_tilt_deg=25.0)).recording
    assert to_the_right.acc[:, ML].mean() < -4.0
    assert vertical_alignment(
        stander(mounting=Mounting(upside_down=True)).recording.acc.mean(axis=0)
    ).upside_down


def test_a_leaning_trunk_turns_the_way_it_leans() -> None:
    """The rate about ML must tilt gravity as the acceleration says: d(AP)/dt = g x rate about ML."""
    person = stander(sway_rms=0.2, mounting=Mounting(noise=0.0), seed=1).recording
    from_rate = np.cumsum(person.gyr[:, ML] - person.gyr[:, ML].mean()) / FS * 9.80665
    assert np.corrcoef(from_rate, person.acc[:, AP])[0, 1] > 0.99
    from_roll = -np.cumsum(person.gyr[:, AP] - person.gyr[:, AP].mean()) / FS * 9.80665
    assert np.corrcoef(from_roll, person.acc[:, ML])[0, 1] > 0.99


def test_tremor_shows_at_five_hertz() -> None:
    calm, shaking = stander(seed=2).recording, stander(tremor=0.2, seed=2).recording
    spectrum = np.abs(np.fft.rfft(shaking.acc[:, AP] - calm.acc[:, AP]))
    assert np.argmax(spectrum) / calm.duration_s == pytest.approx(5.0, abs=0.6)


def test_no_band_fits_into_too_short_a_record() -> None:
    with pytest.raises(ValueError, match="too short"):
        band_noise(np.random.default_rng(0), 20, FS, 0.1, 2.0)
    with pytest.raises(ValueError, match="at least 4 steps"):
        walker(steps=3)


def sizes_of_real_walks(shared: Path) -> np.ndarray:
    """(walks, 6) SD of V, ML, AP acceleration and yaw, pitch, roll rate while walking, aligned."""
    rows = []
    for path in sorted((shared / "data/gait").glob("ipol1_*.npz")):
        z = np.load(path)
        acc, gyr = z["lowback_acc"].astype(float), z["lowback_gyr"].astype(float)
        walking = slice(len(acc) // 4, len(acc) // 2)
        rotation = vertical_alignment(acc[walking].mean(axis=0)).rotation
        x = highpass(np.column_stack([acc @ rotation.T, gyr @ rotation.T]), 0.4, FS)[walking]
        rows.append(np.percentile(np.abs(x), 68, axis=0))
    return np.array(rows)


def size(recording: Recording, rows: slice) -> np.ndarray:
    x = highpass(np.column_stack([recording.acc, recording.gyr]), 0.4, FS)[rows]
    return np.percentile(np.abs(x), 68, axis=0)


@pytest.mark.realdata
def test_their_sizes_lie_among_those_of_real_walks(shared: Path) -> None:
    real = sizes_of_real_walks(shared)
    assert len(real) == 57
    walks = [walker(1.0 + 0.05 * seed, 103 + 2 * seed, seed=seed) for seed in range(8)]
    mean = np.mean([size(walk.recording, straight(walk)) for walk in walks], axis=0)
    low, high = np.percentile(real, [5, 95], axis=0)
    assert (low < mean).all(), (low, mean)
    assert (mean < high).all(), (mean, high)


@pytest.mark.realdata
def test_their_sway_has_the_rhythm_of_real_rests(shared: Path) -> None:
    import json

    from gaitsignal.protocols import quiet_stance

    rests = json.loads((shared / "oracle/isway_lumbar_rest_open.json").read_text())["trials"].values()
    real = [rest["xy_after_exact_alignment"] for rest in rests]
    synthetic = quiet_stance.run(stander(seed=3).recording).values
    for key in ("mean_frequency", "cfreq_ap", "f95_ap"):
        low, high = np.percentile([rest[key] for rest in real], [5, 95])
        assert low < synthetic[key].value < high, key
