"""A synthetic person behind a simulated sensor, described in words: `walk loss=0.02 drop=10/3 battery=12`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from gaitsignal.recording import Recording
from osteogait.errors import UsageError
from osteogait.radio.simulated import Drop, Faults, SimulatedSensor


def _walk(fs_hz: float, seed: int) -> Recording:
    from gaitsignal.synthetic import walker

    return walker(0.94, 104.0, 1.56, steps=18, fs_hz=fs_hz, seed=seed).recording


def _stance(fs_hz: float, seed: int) -> Recording:
    from gaitsignal.synthetic import stander

    return stander(0.085, 45.0, 1.56, fs_hz=fs_hz, seed=seed).recording


def _tug(fs_hz: float, seed: int) -> Recording:
    from gaitsignal.synthetic import tug_walker

    return tug_walker(0.9, 104.0, 1.56, fs_hz=fs_hz, seed=seed).recording


def _chair(fs_hz: float, seed: int) -> Recording:
    from gaitsignal.synthetic import chair_stander

    return chair_stander(5, height_m=1.56, fs_hz=fs_hz, seed=seed).recording


PEOPLE: Mapping[str, Callable[[float, int], Recording]] = {
    "walk": _walk,
    "quiet_stance": _stance,
    "timed_up_and_go": _tug,
    "chair_stand_5x": _chair,
}
"""What the person does, by the name of the protocol that measures it; the person of `make run`."""

SWITCHES = ("upside_down", "reboot", "no_resume", "real_time")
NUMBERS = ("loss", "duplicates", "drift", "battery", "rate", "seed", "interval")
PAIRS = ("drop", "stall", "missed")
"""`drop=10/3`: ten seconds after the start for three seconds; `missed=1000/7`: from that sample on, so many."""
RATE_HZ = 100.0


def simulated(words: Sequence[str], name: str = "OG-0000") -> SimulatedSensor:
    """The sensor that `words` describe: what the person does, then what goes wrong.

    UsageError for a word that means nothing.
    """
    protocol, *options = words or ("",)
    if protocol not in PEOPLE:
        raise UsageError("simulate_unknown", word=protocol, known=", ".join(PEOPLE))
    asked: dict[str, tuple[float, ...]] = dict(_option(word) for word in options)
    numbers = {key: values[0] for key, values in asked.items() if key in NUMBERS}
    seed = round(numbers.get("seed", 1.0))
    drop = asked.get("drop")
    faults = Faults(
        loss=numbers.get("loss", 0.0),
        duplicates=numbers.get("duplicates", 0.0),
        drift_ppm=numbers.get("drift", 0.0),
        drops=(Drop(drop[0], drop[1], reboot="reboot" in asked),) if drop else (),
        upside_down="upside_down" in asked,
        resumes="no_resume" not in asked,
    )
    if "stall" in asked:
        faults = replace(faults, stall=(asked["stall"][0], asked["stall"][1]))
    if "missed" in asked:
        faults = replace(faults, missed=(round(asked["missed"][0]), round(asked["missed"][1])))
    if "interval" in asked:
        faults = replace(faults, interval_s=numbers["interval"])
    recording = PEOPLE[protocol](numbers.get("rate", RATE_HZ), seed)
    return SimulatedSensor(
        recording, faults=faults, battery_percent=round(numbers.get("battery", 90.0)), seed=seed, name=name,
        real_time="real_time" in asked,
    )  # fmt: skip


def _option(word: str) -> tuple[str, tuple[float, ...]]:
    key, equals, text = word.partition("=")
    wanted = {**dict.fromkeys(SWITCHES, 0), **dict.fromkeys(NUMBERS, 1), **dict.fromkeys(PAIRS, 2)}
    try:
        values = tuple(float(part) for part in text.split("/")) if equals else ()
    except ValueError:
        values = (float("nan"),) * 3
    if wanted.get(key) != len(values) or any(not 0.0 <= value < 1e9 for value in values if key != "drift"):
        raise UsageError("simulate_unknown", word=word, known=", ".join(wanted))
    return key, values
