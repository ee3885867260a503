"""The walk protocol: what is withheld or refused, and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gaitsignal.measures.catalogue import ENTRIES, catalogue
from gaitsignal.measures.gait_catalogue import UNITS
from gaitsignal.pipeline import PROTOCOLS, measure
from gaitsignal.recording import Recording
from gaitsignal.result import Measures, to_json
from gaitsignal.synthetic import SyntheticWalk, stander, walker


def severities(measures: Measures) -> dict[str, str]:
    for flag in measures.flags:
        assert flag.message("en")
        assert any("\u4e00" <= letter <= "\u9fff" for letter in flag.message("zh")), flag.code
    return {flag.code: flag.severity for flag in measures.flags}


def refused(measures: Measures, code: str) -> None:
    assert severities(measures).get(code) == "reject"
    assert not measures.usable
    assert not measures.values


def without(recording: Recording, first: int, count: int) -> Recording:
    acc, gyr, measured = recording.acc.copy(), recording.gyr.copy(), recording.measured.copy()
    measured[first : first + count] = False
    acc[~measured], gyr[~measured] = np.nan, np.nan
    return replace(recording, acc=acc, gyr=gyr, measured=measured)


@pytest.fixture(scope="module")
def walk() -> SyntheticWalk:
    return walker(1.1, 108.0, 1.65, seed=4)


@pytest.fixture(scope="module")
def plain(walk: SyntheticWalk) -> Measures:
    return measure(walk.recording, "walk")


def test_values_have_units_ranges_and_order_of_the_catalogue(plain: Measures) -> None:
    assert plain.usable
    keys = [entry.key for entry in ENTRIES if entry.key in plain.values]
    assert list(plain.values) == keys
    for key, value in plain.values.items():
        entry = catalogue()[key]
        assert value.unit == entry.unit
        assert entry.low <= value.value <= entry.high
    wanted = {"cadence", "walking_speed", "stride_length", "stride_time", "stride_time_cv", "step_regularity"}
    assert wanted <= set(plain.values)


def test_catalogue_names_are_unique_and_complete() -> None:
    assert len(catalogue()) == len(ENTRIES)
    assert set(UNITS) <= set(catalogue())
    for entry in ENTRIES:
        assert entry.low < entry.high
        assert entry.meaning
        assert entry.source


def test_the_document_follows_the_schema_in_both_languages(plain: Measures, repo: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((repo / "docs" / "contracts" / "measures-1.schema.json").read_text(encoding="utf-8"))
    for lang in ("en", "zh"):
        document = json.loads(json.dumps(to_json(plain, lang), allow_nan=False))
        jsonschema.validate(document, schema)
        assert document["events"]["initial_contacts"][0]["side"] in {"left", "right"}


def test_cadence_stride_and_speed_fit_together(plain: Measures) -> None:
    values = {key: value.value for key, value in plain.values.items()}
    assert values["cadence"] == pytest.approx(60.0 / values["step_time"])
    assert values["stride_length"] == pytest.approx(2 * values["walking_speed"] * values["step_time"])
    assert values["stride_time"] == pytest.approx(2 * values["step_time"], rel=0.02)
    assert values["n_turns"] == len(plain.events.turns) == 1


def test_quiet_standing_is_no_walk() -> None:
    result = measure(stander(seed=1).recording, "walk")
    refused(result, "no_walking_found")
    assert not result.events.initial_contacts


def test_nothing_but_noise_or_a_shaken_sensor_is_no_walk() -> None:
    rng = np.random.default_rng(0)
    still = stander(seed=1).recording
    for size in (0.3, 2.0):
        noisy = replace(still, acc=still.acc + size * rng.standard_normal(still.acc.shape))
        result = measure(noisy, "walk")
        assert not result.usable
        assert {"no_walking_found", "too_few_steps"} & set(severities(result))


def test_two_steps_are_too_few(walk: SyntheticWalk) -> None:
    contact = walk.initial_contacts[2].time_s
    stop = round((contact + 0.1) * 100)
    cut = replace(
        walk.recording,
        acc=walk.recording.acc[:stop],
        gyr=walk.recording.gyr[:stop],
        measured=walk.recording.measured[:stop],
    )
    result = measure(cut, "walk")
    assert not result.usable
    assert {"no_walking_found", "too_few_steps", "straight_too_short"} & set(severities(result))


def test_short_gaps_are_bridged_and_said(walk: SyntheticWalk, plain: Measures) -> None:
    recording = walk.recording
    for first in range(400, 1400, 60):
        recording = without(recording, first, 4)
    result = measure(recording, "walk")
    assert severities(result)["gap_filled"] == "warn"
    assert severities(result)["loss_high"] == "warn"
    assert result.values["cadence"].value == pytest.approx(plain.values["cadence"].value, rel=0.01)
    assert len(result.events.initial_contacts) == len(plain.events.initial_contacts)


@pytest.mark.parametrize("lost_s", [0.1, 0.4, 1.5])
def test_steps_next_to_a_long_gap_are_withheld_and_the_rest_stays(
    walk: SyntheticWalk, plain: Measures, lost_s: float
) -> None:
    first, count = 800, round(100 * lost_s)
    result = measure(without(walk.recording, first, count), "walk")
    flags = severities(result)
    assert flags["gap_long" if lost_s > 0.25 else "walk_gap"] == "warn"
    assert ("contacts_near_gaps" in flags) or lost_s > 1.0
    times = np.array([contact.time_s for contact in result.events.initial_contacts])
    assert not np.any((times > 8.0) & (times < 8.0 + lost_s))
    assert result.usable
    assert result.values["cadence"].value == pytest.approx(plain.values["cadence"].value, rel=0.02)


def test_a_recording_that_is_mostly_gap_is_refused(walk: SyntheticWalk) -> None:
    refused(measure(without(walk.recording, 200, walk.recording.n - 250), "walk"), "walk_too_short")


def test_height_is_assumed_aloud(walk: SyntheticWalk, plain: Measures) -> None:
    result = measure(replace(walk.recording, height_m=None), "walk")
    assert severities(result)["height_assumed"] == "warn"
    expected = plain.values["walking_speed"].value * np.sqrt(1.70 / 1.65)
    assert result.values["walking_speed"].value == pytest.approx(expected)
    assert "height_assumed" not in severities(plain)


def test_another_site_is_said(walk: SyntheticWalk) -> None:
    assert severities(measure(replace(walk.recording, site="left_thigh"), "walk"))["site_other"] == "warn"
    assert "site_other" not in severities(measure(replace(walk.recording, site="L5"), "walk"))


def test_a_second_pace_is_not_passed_over_in_silence(plain: Measures, walk: SyntheticWalk) -> None:
    slow = walker(0.4, 52.0, 1.65, seed=4).recording
    both = replace(
        slow,
        acc=np.vstack([walk.recording.acc, slow.acc]),
        gyr=np.vstack([walk.recording.gyr, slow.gyr]),
        measured=np.concatenate([walk.recording.measured, slow.measured]),
    )
    result = measure(both, "walk")
    times = [contact.time_s for contact in result.events.initial_contacts]
    both_followed = min(times) < walk.recording.duration_s < max(times)
    assert both_followed or "second_pace" in severities(result)
    assert "second_pace" not in severities(plain)


def test_few_strides_have_no_variability() -> None:
    result = measure(walker(1.0, 104.0, steps=7, turn=False, seed=2).recording, "walk")
    assert severities(result)["few_strides"] == "info"
    assert "stride_time_cv" not in result.values
    assert "walking_speed" in result.values


@pytest.mark.parametrize(("factor", "severity"), [(1.07, "warn"), (1.2, "reject"), (0.85, "reject")])
def test_wrong_gravity(walk: SyntheticWalk, factor: float, severity: str) -> None:
    result = measure(replace(walk.recording, acc=walk.recording.acc * factor), "walk")
    assert severities(result)["gravity_off"] == severity
    assert result.usable is (severity == "warn")


def test_a_knock_is_said_with_its_time(walk: SyntheticWalk) -> None:
    assert "sensor_knocked" not in [flag.code for flag in measure(walk.recording, "walk").flags]
    acc = walk.recording.acc.copy()
    acc[700, 1] = 300.0
    (flag,) = [
        f for f in measure(replace(walk.recording, acc=acc), "walk").flags if f.code == "sensor_knocked"
    ]
    assert (flag.severity, flag.fields["count"], flag.fields["at_s"]) == ("warn", 1, 7.0)


def test_a_frozen_sensor_is_refused(walk: SyntheticWalk) -> None:
    acc, gyr = walk.recording.acc.copy(), walk.recording.gyr.copy()
    acc[700:800], gyr[700:800] = acc[700], gyr[700]
    refused(measure(replace(walk.recording, acc=acc, gyr=gyr), "walk"), "sensor_frozen")


def test_a_silent_gyroscope_is_refused(walk: SyntheticWalk) -> None:
    refused(measure(replace(walk.recording, gyr=np.zeros_like(walk.recording.gyr)), "walk"), "gyro_silent")


@pytest.mark.parametrize("n", [300, 301, 350, 777])
@pytest.mark.parametrize("rhythm_hz", [0.0, 0.4, 1.8, 3.2, 8.0])
@pytest.mark.parametrize("loss", ["none", "every_third", "nearly_all", "ends"])
def test_nothing_strange_crashes_or_passes_in_silence(n: int, rhythm_hz: float, loss: str) -> None:
    rng = np.random.default_rng(n)
    t = np.arange(n) / 100.0
    acc = np.column_stack(
        [9.81 + 2 * np.sin(2 * np.pi * rhythm_hz * t), 0 * t, 0 * t]
    ) + 0.02 * rng.standard_normal((n, 3))
    gyr = 0.02 * rng.standard_normal((n, 3))
    measured = np.ones(n, dtype=bool)
    if loss == "every_third":
        measured[::3] = False
    elif loss == "nearly_all":
        measured[5:] = False
    elif loss == "ends":
        measured[:40] = measured[-40:] = False
    acc[~measured], gyr[~measured] = np.nan, np.nan
    result = measure(Recording(acc, gyr, 100.0, measured), "walk")
    to_json(result)
    assert result.usable or "reject" in severities(result).values()
    assert not result.usable or result.events.initial_contacts


def test_clipping_withholds_speed_but_not_cadence(walk: SyntheticWalk) -> None:
    acc = walk.recording.acc.copy()
    spikes = np.arange(500, 1300, 60)
    acc[spikes, 0] = acc[spikes + 1, 0] = 2 * 9.81
    result = measure(replace(walk.recording, acc=acc), "walk")
    assert severities(result)["clipped"] == "warn"
    assert "walking_speed" not in result.values
    assert "cadence" in result.values


def test_a_gyroscope_bias_is_removed_and_said(walk: SyntheticWalk, plain: Measures) -> None:
    result = measure(replace(walk.recording, gyr=walk.recording.gyr + 0.08), "walk")
    assert severities(result)["gyro_bias_high"] == "warn"
    assert result.events.turns[0].angle_deg == pytest.approx(plain.events.turns[0].angle_deg, abs=0.5)


def test_a_walk_without_rest_says_so(walk: SyntheticWalk) -> None:
    start = round(walk.initial_contacts[0].time_s * 100)
    stop = round(walk.initial_contacts[-1].time_s * 100)
    cut = replace(
        walk.recording,
        acc=walk.recording.acc[start:stop],
        gyr=walk.recording.gyr[start:stop],
        measured=walk.recording.measured[start:stop],
    )
    result = measure(cut, "walk")
    assert severities(result)["not_still_at_start"] == "info"
    assert result.usable


def test_times_are_on_the_axis_of_the_recording(walk: SyntheticWalk, plain: Measures) -> None:
    later = measure(replace(walk.recording, start_s=100.0), "walk")
    for a, b in zip(later.events.initial_contacts, plain.events.initial_contacts, strict=True):
        assert a.time_s == pytest.approx(b.time_s + 100.0)
    assert later.events.walking_bouts[0].start_s == pytest.approx(
        plain.events.walking_bouts[0].start_s + 100.0
    )


def test_protocols_are_known_by_name(walk: SyntheticWalk) -> None:
    assert PROTOCOLS[:2] == ("walk", "quiet_stance")
    with pytest.raises(ValueError, match="walk"):
        measure(walk.recording, "run")


def test_a_number_that_is_not_finite_never_leaves(plain: Measures) -> None:
    broken = replace(plain, values={"cadence": replace(plain.values["cadence"], value=float("nan"))})
    with pytest.raises(ValueError, match="cadence"):
        to_json(broken)


@pytest.fixture(scope="module")
def every_code(repo: Path) -> set[str]:
    import re

    text = "\n".join(p.read_text(encoding="utf-8") for p in (repo / "signal" / "gaitsignal").rglob("*.py"))
    return set(re.findall(r'(?:Flag|RecordingError)\(\s*"([a-z0-9_]+)"', text))


def test_every_flag_and_refusal_has_words(
    every_code: set[str], words_of: Callable[[str], dict[str, str]]
) -> None:
    assert len(every_code) > 40
    for code in every_code:
        words = words_of(code)
        assert set(words) == {"en", "zh"}, code
        fields = {
            lang: sorted(part.split("}")[0] for part in text.split("{")[1:]) for lang, text in words.items()
        }
        assert fields["en"] == fields["zh"], code


@pytest.fixture(scope="module")
def words_of() -> Callable[[str], dict[str, str]]:
    from importlib.resources import files

    import yaml

    table = yaml.safe_load(files("gaitsignal").joinpath("words.yaml").read_text(encoding="utf-8"))
    return lambda code: table[code]
