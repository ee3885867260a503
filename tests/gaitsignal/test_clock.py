"""The grid: rate from the stamps, jitter tolerated, losses put where they belong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gaitsignal.errors import RecordingError
from gaitsignal.readers import read_recording

Make = Callable[..., object]


def stamps(n: int, fs_hz: float = 100.0) -> np.ndarray:
    return np.arange(n) / fs_hz


def test_the_rate_is_measured_not_believed(swaying: Make, write_csv: Make) -> None:
    recording = read_recording(write_csv(stamps(800, 102.45), *swaying(800)))
    assert recording.fs_hz == pytest.approx(102.45, rel=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_jitter_is_no_loss(swaying: Make, write_csv: Make, seed: int) -> None:
    jitter = np.random.default_rng(seed).uniform(-0.004, 0.004, 1000)
    recording = read_recording(write_csv(stamps(1000) + jitter, *swaying(1000)))
    assert recording.n == 1000
    assert recording.measured.all()
    assert recording.fs_hz == pytest.approx(100.0, rel=2e-4)


def test_stamps_in_batches_are_tolerated(swaying: Make, write_csv: Make) -> None:
    t = stamps(1000)
    batched = np.ceil(t / 0.08) * 0.08 + 1e-6 * np.arange(1000)
    recording = read_recording(write_csv(batched, *swaying(1000)))
    assert recording.measured.all()
    assert recording.fs_hz == pytest.approx(100.0, rel=2e-3)
    assert "clock_irregular" in {flag.code for flag in recording.remarks}


def test_late_stamps_that_are_caught_up_are_no_loss(swaying: Make, write_csv: Make) -> None:
    late = stamps(1000)
    late[400] += 0.009
    assert read_recording(write_csv(late, *swaying(1000))).measured.all()


@pytest.mark.parametrize(("row", "lost"), [(300, 1), (300, 4), (500, 40), (3, 2), (995, 3)])
def test_a_jump_of_the_stamps_is_a_loss_at_its_place(
    swaying: Make, write_csv: Make, row: int, lost: int
) -> None:
    number = np.arange(1000) + np.where(np.arange(1000) >= row, lost, 0)
    acc, gyr = swaying(1000)
    recording = read_recording(write_csv(number / 100.0, acc, gyr))
    assert recording.n == 1000 + lost
    assert np.flatnonzero(~recording.measured).tolist() == list(range(row, row + lost))
    assert np.isnan(recording.acc[row]).all()
    np.testing.assert_allclose(recording.acc[row + lost], acc[row], rtol=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_bursts_of_losses_are_placed_row_by_row(swaying: Make, write_csv: Make, seed: int) -> None:
    rng = np.random.default_rng(seed)
    number = np.cumsum(1 + np.where(rng.random(1000) < 0.3, rng.integers(1, 9, 1000), 0))
    number -= number[0]
    recording = read_recording(write_csv(number / 100.0 + rng.uniform(0, 0.001, 1000), *swaying(1000)))
    np.testing.assert_array_equal(np.flatnonzero(recording.measured), number)


@pytest.mark.parametrize("true_stamps", [True, False])
def test_declared_gaps_with_true_or_butted_stamps(swaying: Make, write_csv: Make, true_stamps: bool) -> None:
    gaps = [[200, 3], [450, 30]]
    number = np.arange(1000) + 3 * (np.arange(1000) >= 200) + 30 * (np.arange(1000) >= 450)
    stamp = (number if true_stamps else np.arange(1000)) / 100.0
    recording = read_recording(write_csv(stamp, *swaying(1000), gaps=gaps))
    assert recording.n == 1033
    assert recording.fs_hz == pytest.approx(100.0, rel=1e-6)
    assert int((~recording.measured).sum()) == 33
    assert recording.measured[199]
    assert not recording.measured[200:203].any()
    assert recording.time_s[-1] == pytest.approx(10.32, abs=1e-6)


def test_a_repeated_row_is_dropped(swaying: Make, write_npz: Make) -> None:
    acc, gyr = swaying(700)
    acc[300], gyr[300] = acc[299], gyr[299]
    recording = read_recording(write_npz(acc, gyr, gaps=[[300, -1]]))
    assert recording.n == 699
    assert recording.measured.all()
    np.testing.assert_allclose(recording.acc[300], acc[301], rtol=1e-6)


@pytest.mark.parametrize("gap", [[1000, 1], [-1, 2], [0, -1], [5, 10**9]])
def test_a_gap_outside_the_recording_is_refused(swaying: Make, write_csv: Make, gap: list[int]) -> None:
    with pytest.raises(RecordingError) as caught:
        read_recording(write_csv(stamps(1000), *swaying(1000), gaps=[gap]))
    assert caught.value.code == "gap_outside"


def test_refusals_of_rate_length_and_order(swaying: Make, write_csv: Make) -> None:
    def code(stamp: np.ndarray) -> str:
        with pytest.raises(RecordingError) as caught:
            read_recording(write_csv(stamp, *swaying(stamp.size)))
        return caught.value.code

    assert code(stamps(500, 49.0)) == "rate_under_50"
    assert code(stamps(500, 25.0)) == "rate_under_50"
    assert code(stamps(295)) == "too_short"
    back = stamps(600)
    back[300:] -= 0.5
    assert code(back) == "clock_backwards"
    assert code(np.full(600, 3.0)) == "clock_stands"
    crooked = np.concatenate([stamps(600), 6.0 + stamps(600, 60.0)])
    assert code(crooked) == "clock_irregular_refused"


def test_three_seconds_and_fifty_hertz_are_enough(swaying: Make, write_csv: Make) -> None:
    assert read_recording(write_csv(stamps(300), *swaying(300))).duration_s == pytest.approx(3.0)
    assert read_recording(write_csv(stamps(200, 49.98), *swaying(200))).fs_hz == pytest.approx(49.98)


@pytest.mark.parametrize("fs_hz", [256.0, 204.8, 400.0, 1000.0])
def test_high_rates_come_down_to_about_a_hundred(swaying: Make, write_csv: Make, fs_hz: float) -> None:
    n = round(8 * fs_hz)
    acc, gyr = swaying(n, fs_hz)
    recording = read_recording(write_csv(stamps(n, fs_hz), acc, gyr))
    assert recording.fs_hz == pytest.approx(100.0, rel=0.01)
    slow = np.interp(recording.time_s[20:-20], stamps(n, fs_hz), acc[:, 1])
    np.testing.assert_allclose(recording.acc[20:-20, 1], slow, atol=2e-3)


def test_a_gap_stays_a_gap_through_resampling(swaying: Make, write_csv: Make) -> None:
    number = np.arange(2048) + 64 * (np.arange(2048) >= 1024)
    recording = read_recording(write_csv(number / 256.0, *swaying(2048, 256.0)))
    lost_s = np.sum(~recording.measured) / recording.fs_hz
    assert lost_s == pytest.approx(0.25, abs=0.03)
    assert np.isnan(recording.acc[~recording.measured]).all()


@pytest.mark.parametrize(("factor", "unit"), [(1e3, "ms"), (1e6, "us"), (1e9, "ns")])
def test_stamps_that_are_not_seconds_are_recognised(
    swaying: Make, write_csv: Make, factor: float, unit: str
) -> None:
    with pytest.raises(RecordingError) as caught:
        read_recording(write_csv(factor * stamps(600), *swaying(600)))
    assert caught.value.code == "time_not_seconds"
    assert caught.value.fields["unit"] == unit


def test_stamps_may_count_from_1970(swaying: Make, tmp_path: Path) -> None:
    acc, gyr = swaying(600)
    rows = np.column_stack([acc, gyr])
    lines = [f"{1.7e9 + i / 100:.6f}," + ",".join(f"{x:.6f}" for x in row) for i, row in enumerate(rows)]
    path = tmp_path / "recording.csv"
    path.write_text("time_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z\n" + "\n".join(lines), encoding="utf-8")
    recording = read_recording(path)
    assert recording.fs_hz == pytest.approx(100.0, rel=1e-6)
    assert recording.start_s == pytest.approx(1.7e9, abs=1e-5)
    assert recording.measured.all()


@pytest.mark.parametrize("lost", [30, 45, 120, 400])
@pytest.mark.parametrize("late", ["batches of 5", "batches of 10", "jitter of 20 ms", "jitter of 50 ms"])
def test_a_long_loss_shows_in_batches_and_jitter_too(
    swaying: Make, write_csv: Make, late: str, lost: int
) -> None:
    number = np.arange(2000) + np.where(np.arange(2000) >= 900, lost, 0)
    stamp = number / 100.0
    if late.startswith("batches"):
        size = int(late.removeprefix("batches of "))
        stamp = np.floor(number / size + 1e-9) * size / 100.0
    else:
        jitter = np.random.default_rng(lost).normal(0, float(late.split()[2]) / 1000.0, 2000)
        stamp = np.sort(stamp + jitter)
    recording = read_recording(write_csv(stamp, *swaying(2000)))
    assert recording.fs_hz == pytest.approx(100.0, rel=5e-3)
    missing = np.flatnonzero(~recording.measured)
    assert missing.size == pytest.approx(lost, abs=6)
    assert abs(int(missing[0]) - 900) <= 25


@pytest.mark.parametrize("size", [5, 25, 40, 100])
def test_batches_alone_are_no_loss(swaying: Make, write_csv: Make, size: int) -> None:
    stamp = np.floor(np.arange(2000) / size) * size / 100.0
    if size <= 40:
        assert read_recording(write_csv(stamp, *swaying(2000))).measured.all()
        return
    with pytest.raises(RecordingError, match="stray"):
        read_recording(write_csv(stamp, *swaying(2000)))
