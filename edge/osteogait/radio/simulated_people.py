"""A synthetic person behind a simulated sensor, described in words: `walk loss=0.02 drop=10/3 battery=12`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from gaitsignal.recording import Recording
from osteogait.errors import UsageError
from osteogait.radio.simulated import Drop, Faults, SimulatedSensor

HEIGHT_M = 1.56
"""Body height of the person of `make run`."""
STEP_S, TURN_S, STILL_S = 60.0 / 104.0, 2.2, 3.5
FEWEST_STEPS = 4
MARGIN_S = 1.0
"""More than is asked for, so that a length can be cut to the sample."""
FEWEST_RISES, RISE_AND_SIT_S, COUNTED_S = 1, 3.0, 45.0
HELD_S = 40.0
STAY_S = 2.0

Person = Callable[[float, int, float | None], Recording]
"""Rate, seed and seconds (None: as long as it takes) to what the sensor feels."""


def _walk(fs_hz: float, seed: int, seconds: float | None) -> Recording:
    from gaitsignal.synthetic import walker

    steps, still_s = 18, STILL_S
    if seconds is not None:
        left_s = seconds - 2 * STILL_S - TURN_S - STEP_S
        steps = max(FEWEST_STEPS, int(left_s / 2 / STEP_S))
        still_s += max(0.0, left_s / 2 - steps * STEP_S) + MARGIN_S
    return walker(0.94, 104.0, HEIGHT_M, steps=steps, still_s=still_s, fs_hz=fs_hz, seed=seed).recording


def _stance(fs_hz: float, seed: int, seconds: float | None) -> Recording:
    from gaitsignal.synthetic import stander

    return stander(0.085, seconds or 45.0, HEIGHT_M, fs_hz=fs_hz, seed=seed).recording


def _tug(fs_hz: float, seed: int, seconds: float | None) -> Recording:
    from gaitsignal.synthetic import tug_walker

    usual = tug_walker(0.9, 104.0, HEIGHT_M, fs_hz=fs_hz, seed=seed).recording
    if seconds is None:
        return usual
    sits_s = 4.0 + max(0.0, seconds - usual.duration_s) + MARGIN_S
    return tug_walker(0.9, 104.0, HEIGHT_M, after_s=sits_s, fs_hz=fs_hz, seed=seed).recording


def _chair(fs_hz: float, seed: int, seconds: float | None) -> Recording:
    from gaitsignal.synthetic import chair_stander

    usual = chair_stander(5, height_m=HEIGHT_M, fs_hz=fs_hz, seed=seed).recording
    if seconds is None:
        return usual
    still_s = STILL_S + max(0.0, seconds - usual.duration_s) / 2 + MARGIN_S
    return chair_stander(5, height_m=HEIGHT_M, still_s=still_s, fs_hz=fs_hz, seed=seed).recording


def _walk_4m(fs_hz: float, seed: int, seconds: float | None) -> Recording:
    from gaitsignal.synthetic import walker

    steps = 9
    still_s = STILL_S + max(0.0, (seconds or 0.0) - steps * STEP_S - 2 * STILL_S) / 2 + MARGIN_S
    if seconds is None:
        still_s = STILL_S
    walked = walker(0.94, 104.0, HEIGHT_M, steps=steps, turn=False, still_s=still_s, fs_hz=fs_hz, seed=seed)
    return walked.recording


def _chair_30s(fs_hz: float, seed: int, seconds: float | None) -> Recording:
    from gaitsignal.synthetic import chair_stander

    rises = max(FEWEST_RISES, int(((seconds or COUNTED_S) - STILL_S) / RISE_AND_SIT_S) + 1)
    return chair_stander(rises, height_m=HEIGHT_M, still_s=STILL_S, fs_hz=fs_hz, seed=seed).recording


def _held(sway_m_s2: float) -> Person:
    """Somebody who stands in a stance and holds it, swaying so much."""

    def held(fs_hz: float, seed: int, seconds: float | None) -> Recording:
        from gaitsignal.synthetic import holder

        hold = holder(seconds or HELD_S, sway_m_s2, height_m=HEIGHT_M, fs_hz=fs_hz, seed=seed)
        return hold.recording

    return held


PEOPLE: Mapping[str, Person] = {
    "walk": _walk,
    "walk_4m": _walk_4m,
    "quiet_stance": _stance,
    "timed_up_and_go": _tug,
    "chair_stand_5x": _chair,
    "chair_stand_30s": _chair_30s,
    "side_by_side": _held(0.09),
    "semi_tandem": _held(0.11),
    "tandem": _held(0.15),
    "one_leg": _held(0.20),
}
"""What the person does for so many seconds, by the name of the protocol that measures it or of the stance."""
SHORTEST_S: Mapping[str, float] = {
    "walk": 15.0,
    "walk_4m": 12.0,
    "quiet_stance": 3.0,
    "timed_up_and_go": 20.0,
    "chair_stand_5x": 20.0,
    "chair_stand_30s": 7.0,
    "side_by_side": 3.0,
    "semi_tandem": 3.0,
    "tandem": 3.0,
    "one_leg": 3.0,
}
"""So that the person stands still, does what is asked, and stands still again."""
LONGEST_S = 3600.0

SWITCHES = ("upside_down", "reboot", "no_resume", "real_time")
NUMBERS = ("loss", "duplicates", "drift", "battery", "rate", "seed", "interval", "stays")
PAIRS = ("drop", "stall", "missed")
"""`drop=10/3`: ten seconds after the start for three seconds; `drop=3`: in the middle of the test; any number of them.
`missed=1000/7`: from that sample on, so many. `stays=15`: how long the person stays as it is when all is done."""
LENGTH = re.compile(r"(\d+(?:\.\d+)?)s")
"""`60s`: how long the person takes."""
RATE_HZ = 100.0


def simulated(words: Sequence[str], name: str = "OG-0000", seconds: float | None = None) -> SimulatedSensor:
    """The sensor that `words` describe: what the person does, how long (else `seconds`), then what goes wrong.

    UsageError for a word that means nothing, or a test shorter than the person needs.
    """
    protocol, *options = [word for word in words if word] or [""]
    if protocol not in PEOPLE:
        raise UsageError("simulate_unknown", word=protocol, known=", ".join(PEOPLE))
    lengths = [float(found[1]) for word in options if (found := LENGTH.fullmatch(word))]
    short = seconds is not None and seconds < SHORTEST_S[protocol]  # begun, and stopped early by the session
    lasting_s = lengths[-1] if lengths else None if short else seconds
    asked = [_option(word) for word in options if not LENGTH.fullmatch(word)]
    values = dict(asked)
    numbers = {key: given[0] for key, given in asked if key in NUMBERS}
    seed, rate_hz = round(numbers.get("seed", 1.0)), numbers.get("rate", RATE_HZ)
    recording = _staying(_lasting(protocol, rate_hz, seed, lasting_s), numbers.get("stays", 0.0))
    return SimulatedSensor(
        recording,
        faults=_faults(asked, recording.duration_s),
        battery_percent=round(numbers.get("battery", 90.0)), seed=seed, name=name,
        real_time="real_time" in values,
    )  # fmt: skip


def _lasting(protocol: str, rate_hz: float, seed: int, seconds: float | None) -> Recording:
    """The person for exactly `seconds`, None: as long as it takes."""
    if seconds is None:
        return PEOPLE[protocol](rate_hz, seed, None)
    if not SHORTEST_S[protocol] <= seconds <= LONGEST_S:
        raise UsageError(
            "simulate_length", word=protocol, low=SHORTEST_S[protocol], high=LONGEST_S, seconds=seconds
        )
    felt, n = PEOPLE[protocol](rate_hz, seed, seconds), round(seconds * rate_hz)
    return replace(felt, acc=felt.acc[:n], gyr=felt.gyr[:n], measured=felt.measured[:n])


def _staying(felt: Recording, seconds: float) -> Recording:
    """The person stays for `seconds` more as in the last moment, played forth and back."""
    last, n = round(STAY_S * felt.fs_hz), round(min(seconds, LONGEST_S) * felt.fs_hz)
    there, more = felt.n - last + np.arange(last), -(-n // max(1, last))
    rows = np.concatenate([np.arange(felt.n), *[there[::-1] if i % 2 == 0 else there for i in range(more)]])
    rows = rows[: felt.n + n]
    return replace(felt, acc=felt.acc[rows], gyr=felt.gyr[rows], measured=felt.measured[rows])


def _faults(asked: Sequence[tuple[str, tuple[float, ...]]], duration_s: float) -> Faults:
    switches = {key for key, _ in asked}
    numbers = {key: given[0] for key, given in asked if key in NUMBERS}
    pairs = {key: given for key, given in asked if key in PAIRS}
    drops = [given if len(given) == 2 else (duration_s / 2, *given) for key, given in asked if key == "drop"]
    faults = Faults(
        loss=numbers.get("loss", 0.0),
        duplicates=numbers.get("duplicates", 0.0),
        drift_ppm=numbers.get("drift", 0.0),
        drops=tuple(Drop(at_s, gone_s, reboot="reboot" in switches) for at_s, gone_s in sorted(drops)),
        upside_down="upside_down" in switches,
        resumes="no_resume" not in switches,
    )
    if "stall" in pairs:
        faults = replace(faults, stall=(pairs["stall"][0], pairs["stall"][1]))
    if "missed" in pairs:
        faults = replace(faults, missed=(round(pairs["missed"][0]), round(pairs["missed"][1])))
    if "interval" in numbers:
        faults = replace(faults, interval_s=numbers["interval"])
    return faults


def _option(word: str) -> tuple[str, tuple[float, ...]]:
    key, equals, text = word.partition("=")
    wanted: dict[str, tuple[int, ...]] = {
        **dict.fromkeys(SWITCHES, (0,)),
        **dict.fromkeys(NUMBERS, (1,)),
        **dict.fromkeys(PAIRS, (2,)),
    }
    wanted["drop"] = (1, 2)
    try:
        values = tuple(float(part) for part in text.split("/")) if equals else ()
    except ValueError:
        values = (float("nan"),) * 3
    if len(values) not in wanted.get(key, ()) or any(
        not 0.0 <= value < 1e9 for value in values if key != "drift"
    ):
        known = ", ".join(("60s", *wanted))
        raise UsageError("simulate_unknown", word=word, known=known)
    return key, values
