"""Tables of everything but walking: timed up and go against video, sway, turns and chair rises against oracles."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from open_walks import SHARED

from gaitsignal.events.rises import find_rises
from gaitsignal.events.turns import PEAK_HZ, PEAK_ORDER, yaw_rate
from gaitsignal.filters import lowpass
from gaitsignal.frames import AP, ML, rotation_to_vertical
from gaitsignal.measures.sway import LOWPASS_HZ, sway
from gaitsignal.measures.sway_catalogue import AXIS_KEYS
from gaitsignal.pipeline import measure
from gaitsignal.readers import read_recording

FloatArray = npt.NDArray[np.float64]
BALANCE, ORACLE = SHARED / "data" / "balance", SHARED / "oracle"
FS_HZ, CHAIR_FS_HZ, CHAIR_G = 100.0, 128.00781297686626, 9.81
COP_BAND_HZ = (0.15, 5.0)
BORDERS = ("stand_start", "stand_end", "turn1_start", "turn1_end", "turn2_start", "turn2_end", "sit_end")
PARTS = ("stand_up", "walk_1", "turn_1", "walk_2", "turn_2", "sit_down")
BACK_TO_BODY = np.array([1.0, -1.0, -1.0])
"""Axes x up, y left, z back as up, right, forward."""


def read_json(path: Path) -> dict[str, Any]:
    """Content of a JSON file."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def columns(path: Path) -> FloatArray:
    """(n, k) numbers of a CSV file under its header."""
    return np.loadtxt(path, delimiter=",", skiprows=1)


def tug_errors() -> tuple[FloatArray, list[str], int]:
    """(m, 7) seconds found minus annotated, the person of every row, and how many tests were refused."""
    reference = read_json(BALANCE / "tug" / "reference.json")
    rows, people, refused = [], [], 0
    with tempfile.TemporaryDirectory() as folder:
        for key, truth in reference.items():
            path = Path(folder) / f"{key}.csv"
            text = (BALANCE / "tug" / f"{key}.csv").read_text(encoding="utf-8")
            path.write_text(text.replace("t_s,", "time_s,", 1), encoding="utf-8")
            path.with_suffix(".json").write_text('{"site": "thigh"}', encoding="utf-8")
            result = measure(read_recording(path), "timed_up_and_go")
            phases = result.events.phases if result.usable else None
            if not phases:
                refused += 1
                continue
            found = [phases[0].start_s, *(phase.end_s for phase in phases)]
            rows.append([t - truth["events_s"][name] for t, name in zip(found, BORDERS, strict=True)])
            people.append(truth["subject"])
    return np.array(rows), people, refused


def without_lag(errors: FloatArray, people: list[str]) -> FloatArray:
    """Errors when the lag of every border is the mean of all other people's."""
    rest = np.empty_like(errors)
    for person in set(people):
        mine = np.array([other == person for other in people])
        rest[mine] = errors[mine] - errors[~mine].mean(axis=0)
    return rest


def tug_table() -> list[str]:
    """Total and phases of the timed up and go."""
    errors, people, refused = tug_errors()
    both = {"as shipped": errors, "leave one person out": without_lag(errors, people)}
    lines = [
        f"{len(errors) + refused} tests of {len(set(people))} people (23-58 years) with a phone in the trouser pocket; "
        f"{refused} refused. Reference: borders annotated on video. Fitted on these people: the lag of every border "
        "between what the sensor shows and what annotators call a border (seven constants); in the second row these "
        "are anew the mean of all other people's. RMSE in seconds.",
        "",
        "| | total | within 0.5 s | " + " | ".join(PARTS) + " |",
        "|---" * (len(PARTS) + 3) + "|",
    ]
    for title, table in both.items():
        total = table[:, -1] - table[:, 0]
        parts = " | ".join(f"{rmse(part):.2f}" for part in np.diff(table, axis=1).T)
        lines.append(
            f"| {title} | {rmse(total):.2f} | {100 * np.mean(np.abs(total) <= 0.5):.0f} % | {parts} |"
        )
    lines.append("| *bar* | 0.35 | 90 % |" + " 0.4 |" * len(PARTS))
    return [*lines, ""]


def rmse(x: FloatArray) -> float:
    """Root of the mean square."""
    return float(np.sqrt(np.mean(x**2)))


def worst(got: Mapping[str, float], want: Mapping[str, float], keys: set[str]) -> float:
    """Largest relative difference over `keys`."""
    return max(abs(got[key] / want[key] - 1.0) for key in keys)


def force_plate_sway() -> tuple[int, float]:
    """Trials, and the worst relative difference over all keys of the whole and the cut definition."""
    oracle = read_json(ORACLE / "isway_open.json")["trials"]
    people = read_json(BALANCE / "cop" / "reference.json")
    off = 0.0
    for name, values in oracle.items():
        force = columns(BALANCE / "cop" / f"{name}.csv")[:, 2:] / people[name]["mass_kg"]
        for variant, rows in (("full60s_100hz", slice(None)), ("mid30s_100hz", slice(1500, 4500))):
            smooth = lowpass(force[rows], LOWPASS_HZ, FS_HZ)
            got = sway(smooth[:, 0], smooth[:, 1], FS_HZ)
            off = max(off, worst(got, values[variant], set(got)))
    return len(oracle), off


def lumbar_sway() -> tuple[int, float]:
    """Rests of the lower-back recordings, and the worst relative difference of the keys without a heading."""
    oracle = read_json(ORACLE / "isway_lumbar_rest_open.json")["trials"]
    off = 0.0
    for name, trial in oracle.items():
        acc = (columns(BALANCE / "turn" / f"{name}.csv")[:, :3] * BACK_TO_BODY)[: trial["n_rest"]]
        smooth = lowpass(acc @ rotation_to_vertical(acc.mean(axis=0)).T, LOWPASS_HZ, FS_HZ)
        got = sway(smooth[:, AP], smooth[:, ML], FS_HZ)
        want = trial["xy_after_exact_alignment"]
        off = max(off, worst(got, want, set(want) - AXIS_KEYS - {"njs"}))
    return len(oracle), off


def published_cop() -> tuple[int, float]:
    """Trials, and the worst relative difference from the published ellipse areas and mean velocities."""
    people = read_json(BALANCE / "cop" / "reference.json")
    off = 0.0
    for name, person in people.items():
        cop = columns(BALANCE / "cop" / f"{name}.csv")[:, :2]
        got = sway(cop[:, 0], cop[:, 1], FS_HZ, COP_BAND_HZ)
        want = person["published"]
        off = max(off, abs(got["ellipse_area"] / want["cop_area_cm2"] - 1.0))
        off = max(off, abs(got["path"] / got["duration_s"] / want["cop_mean_velocity_cm_s"] - 1.0))
    return len(people), off


def turn_anchor() -> tuple[int, float, float]:
    """Turns, worst angle difference in degrees, worst peak difference in deg/s."""
    oracle = read_json(ORACLE / "turn_open.json")["trials"]
    reference = read_json(BALANCE / "turn" / "reference.json")
    angle_off = peak_off = 0.0
    for name, want in oracle.items():
        block = columns(BALANCE / "turn" / f"{name}.csv")
        acc, gyr = block[:, :3] * BACK_TO_BODY, block[:, 3:6] * BACK_TO_BODY
        rest = slice(0, reference[name]["trial_boundaries"][0] - 50)
        first, stop = reference[name]["uturn_boundaries"]
        yaw = yaw_rate(gyr, gyr[rest].mean(axis=0), acc[rest].mean(axis=0))
        angle = float(yaw[first:stop].sum() / FS_HZ)
        sharp = np.abs(lowpass(yaw, PEAK_HZ, FS_HZ, order=PEAK_ORDER))
        peak = float(sharp[first - 150 : stop + 150].max())
        angle_off = max(angle_off, abs(angle - want["yaw_angle_uturn_boundaries_deg"]))
        peak_off = max(peak_off, abs(peak - abs(want["yaw_peak_lp1p5_dps"])))
    return len(oracle), angle_off, peak_off


def chair_rises() -> tuple[int, int, float]:
    """Rises of the oracle, rises found, and the worst border difference in samples."""
    acc = CHAIR_G * columns(BALANCE / "sts" / "skdh_lumbar.csv")[:-1, 1:4]
    found = find_rises(acc, CHAIR_G, CHAIR_FS_HZ).full
    want = read_json(ORACLE / "sts_skdh.json")["displacement"]
    pairs = [(rise.first, start) for rise, start in zip(found, want["STS Start"], strict=False)]
    pairs += [(rise.last, end) for rise, end in zip(found, want["STS End"], strict=False)]
    off = max(abs(row - CHAIR_FS_HZ * at_s) for row, at_s in pairs)
    return len(want["STS Start"]), len(found), off


def oracle_table() -> list[str]:
    """Agreement with definitions: nothing is fitted, so there is no one to leave out."""
    force, lumbar, cop, turn, chair = (
        force_plate_sway(),
        lumbar_sway(),
        published_cop(),
        turn_anchor(),
        chair_rises(),
    )
    rows = (
        ("sway set on horizontal force / mass, whole and middle 30 s", f"{force[0]} trials of 8 people",
         f"{force[1]:.0e}", "1e-6"),
        ("sway set on lower-back rests, keys without a heading", f"{lumbar[0]} rests of 7 people",
         f"{lumbar[1]:.0e}", "1e-6"),
        ("centre of pressure: ellipse area and mean velocity as published", f"{cop[0]} trials of 8 people",
         f"{cop[1]:.0e}", "1e-9"),
        ("yaw angle of U-turns between the given borders", f"{turn[0]} turns of 7 people",
         f"{turn[1]:.3f} deg", "0.1 deg"),
        ("yaw peak of U-turns, low-passed at 1.5 Hz", f"{turn[0]} turns of 7 people",
         f"{turn[2]:.3f} deg/s", "0.1 deg/s"),
        (f"chair rises of skdh's example, {chair[1]} of {chair[0]} found", "1 recording",
         f"{chair[2]:.1f} samples", "2 samples"),
    )  # fmt: skip
    return [
        "Nothing was fitted here: these are checks that a definition is computed as it is defined.",
        "",
        "| what | open data | worst difference | tolerance |",
        "|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
    ]
