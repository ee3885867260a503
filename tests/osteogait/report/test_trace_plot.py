"""The plot of a recording: what was found stands where it was found, in both languages, for every protocol."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gaitsignal.pipeline import measure
from gaitsignal.recording import Recording
from gaitsignal.result import to_json
from gaitsignal.synthetic import chair_stander, stander, tug_walker, walker
from osteogait.acquire import write_csv
from osteogait.console import measure_name
from osteogait.errors import MissingExtra, UsageError
from osteogait.report.trace import figure
from osteogait.report.trace.scale import Scale, pieces, tick_text
from osteogait.report.trace.signals import traces
from osteogait.report.trace.svg import printable
from osteogait.report.trace.wording import Wording, _table
from osteogait.report.trace.write import check_plot, png, write_plot

SVG = "{http://www.w3.org/2000/svg}"
MAKERS: dict[str, Callable[[], Recording]] = {
    "walk": lambda: walker(steps=12, seed=4).recording,
    "quiet_stance": lambda: stander(seed=4).recording,
    "timed_up_and_go": lambda: tug_walker(seed=4).recording,
    "chair_stand_5x": lambda: chair_stander(seed=4).recording,
}


def _drawn(
    recording: Recording, protocol: str, lang: str = "en", name: str = "a.csv"
) -> tuple[ET.Element, dict[str, Any]]:
    document = {**to_json(measure(recording, protocol), lang), "recording": name}
    return ET.fromstring(figure.draw_figure(recording, document, Wording(lang, measure_name))), document


def _words(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("protocol", MAKERS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_protocol_is_drawn_whole_and_inside_the_page(protocol: str, lang: str) -> None:
    root, document = _drawn(MAKERS[protocol](), protocol, lang)
    assert document["usable"]
    assert (root.get("width"), root.get("height")) == ("1600", "900")
    words = " ".join(_words(root))
    assert Wording(lang, measure_name).text("time") in words
    assert all(measure_name(key, lang) in words for key in list(document["measures"])[:3])
    for path in root.iter(f"{SVG}path"):
        numbers = np.array(re.findall(r"-?[\d.]+,-?[\d.]+", path.get("d") or ""))
        places = np.array([place.split(",") for place in numbers], dtype=float)
        assert places.min() >= 0
        assert places[:, 0].max() <= figure.RIGHT_EDGE + 1
        assert places[:, 1].max() <= figure.BOTTOM + 1


def test_contacts_turn_and_angle_stand_at_their_times() -> None:
    recording = walker(steps=12, seed=4).recording
    root, document = _drawn(recording, "walk")
    time = Scale(0.0, recording.duration_s, figure.LEFT_EDGE, figure.RIGHT_EDGE)
    full = [p for p in root.iter(f"{SVG}polygon") if p.get("fill") == figure.LEFT]
    tips = sorted(float((p.get("points") or "").split()[-1].split(",")[0]) for p in full)
    contacts = document["events"]["initial_contacts"]
    lefts = [c["time_s"] for c in contacts if c["side"] == "left"]
    assert lefts
    np.testing.assert_allclose(tips, [time.at(t) for t in lefts], atol=0.06)
    turn = document["events"]["turns"][0]
    shades = [r for r in root.iter(f"{SVG}rect") if r.get("fill") == figure.FILLS["turns"]]
    assert shades
    assert [float(r.get("x") or 0) for r in shades] == pytest.approx(
        [time.at(turn["start_s"])] * len(shades), abs=0.06
    )
    angle = f"{abs(turn['angle_deg']):.0f}°"
    assert any(angle in text for text in _words(root))


def test_phases_and_rises_are_named_and_numbered() -> None:
    words = " ".join(_words(_drawn(MAKERS["timed_up_and_go"](), "timed_up_and_go")[0]))
    assert all(
        name in words for name in ("stand up", "walk out", "turn 1", "walk back", "turn 2", "sit down")
    )
    rises = _words(_drawn(MAKERS["chair_stand_5x"](), "chair_stand_5x", "zh")[0])
    assert [text for text in rises if text in "12345"][:5] == ["1", "2", "3", "4", "5"]


def test_lost_samples_are_marked_and_break_the_line() -> None:
    recording = walker(steps=12, seed=4).recording
    measured = recording.measured.copy()
    measured[700:740] = False
    acc, gyr = (np.where(measured[:, None], block, np.nan) for block in (recording.acc, recording.gyr))
    lossy = replace(recording, acc=acc, gyr=gyr, measured=measured)
    root, document = _drawn(lossy, "walk")
    seen = traces(lossy, document)
    assert seen.lost == (pytest.approx((7.0, 7.4)),)
    assert all(np.isnan(lane.y[700:740]).all() and np.isfinite(lane.y[:700]).all() for lane in seen.lanes)
    assert any("lost" in text for text in _words(root))


def test_the_walk_is_drawn_in_the_frame_of_the_walk_however_it_was_worn() -> None:
    recording = walker(steps=12, seed=4).recording
    turned = np.diag([-1.0, 1.0, -1.0])
    other = replace(recording, acc=recording.acc @ turned, gyr=recording.gyr @ turned)
    documents = [to_json(measure(r, "walk")) for r in (recording, other)]
    for one, two in zip(
        traces(recording, documents[0]).lanes, traces(other, documents[1]).lanes, strict=True
    ):
        np.testing.assert_allclose(one.y, two.y, atol=1e-6)
    up = traces(recording, documents[0]).lanes[0].y
    assert np.nanmean(up) == pytest.approx(9.81, abs=0.2)


def test_sideways_is_not_claimed_where_forward_is_unknown() -> None:
    stance = replace(MAKERS["quiet_stance"](), heading_known=False)
    assert [lane.name for lane in traces(stance, to_json(measure(stance, "quiet_stance"))).lanes][1:3] == [
        "sway_1",
        "sway_2",
    ]
    chair = replace(MAKERS["chair_stand_5x"](), heading_known=False)
    names = [lane.name for lane in traces(chair, to_json(measure(chair, "chair_stand_5x"))).lanes]
    assert names == ["up", "level", "yaw", "lean"]


def test_a_lean_needs_a_gyroscope() -> None:
    chair = MAKERS["chair_stand_5x"]()
    silent = replace(chair, gyr=np.zeros_like(chair.gyr))
    assert "lean" not in [
        lane.name for lane in traces(silent, to_json(measure(silent, "chair_stand_5x"))).lanes
    ]


def test_a_long_lossy_recording_stays_a_small_picture() -> None:
    n = 360_000
    random = np.random.default_rng(3)
    measured = random.random(n) > 0.2
    acc = np.where(measured[:, None], random.normal((9.81, 0.0, 0.0), 1.0, (n, 3)), np.nan)
    gyr = np.where(measured[:, None], random.normal(0, 0.1, (n, 3)), np.nan)
    recording = Recording(acc, gyr, 100.0, measured)
    document = {**to_json(measure(recording, "quiet_stance")), "recording": "a.csv"}
    svg = figure.draw_figure(recording, document, Wording("en", measure_name))
    assert len(svg) < 1_500_000


def test_what_cannot_be_measured_is_drawn_all_the_same() -> None:
    walk = walker(steps=12, seed=4).recording
    root, document = _drawn(walk, "quiet_stance", name="<&\x07\ud800>.csv")
    assert not document["usable"]
    assert "NOT usable" in _words(root)
    assert any("<&\ufffd\ufffd>.csv" in text for text in _words(root))
    n = 20
    tiny = Recording(np.full((n, 3), np.nan), np.full((n, 3), np.nan), 100.0, np.zeros(n, dtype=bool))
    for protocol in MAKERS:
        _drawn(tiny, protocol)
    dead = Recording(np.zeros((600, 3)), np.zeros((600, 3)), 100.0, np.ones(600, dtype=bool))
    for protocol in MAKERS:
        _drawn(dead, protocol)


def test_scale_has_round_ticks_and_lines_keep_their_extremes() -> None:
    assert Scale(0.0, 31.0, 0, 100).ticks(7) == [0, 5, 10, 15, 20, 25, 30]
    for low, high in ((-5.1, 4.2), (8.9, 9.3), (0.0, 1e-3), (-0.4, 0.1), (-1000.0, 90.0), (4.9, 5.2)):
        assert 2 <= len(Scale(low, high, 0, 100).ticks(3)) <= 8
    assert [tick_text(t, 0.5) for t in (-0.5, -0.0, 0.5)] == ["\u22120.5", "0.0", "0.5"]
    y = np.zeros(10_000)
    y[[4321, 8000]] = 7.0, np.nan
    drawn = pieces(np.arange(10_000.0), y, 500)
    assert len(drawn) == 2
    assert max(value for piece in drawn for _, value in piece) == 7.0
    assert sum(map(len, drawn)) < 1100
    assert printable("a\nb") == "a\ufffdb"


def test_both_languages_have_the_same_words() -> None:
    def keys(table: dict[str, Any], stem: str = "") -> set[str]:
        found = set()
        for key, value in table.items():
            found |= keys(value, f"{stem}{key}.") if isinstance(value, dict) else {f"{stem}{key}"}
        return found

    assert keys(_table()["en"]) == keys(_table()["zh"])


def test_a_plot_is_one_recording_in_svg_or_png(tmp_path: Path) -> None:
    one = tmp_path / "a.csv"
    with pytest.raises(UsageError, match="svg"):
        check_plot(tmp_path / "a.pdf", [one])
    with pytest.raises(UsageError, match="2"):
        check_plot(tmp_path / "a.svg", [one, one])
    check_plot(tmp_path / "a.PNG", [one])
    assert not write_plot(tmp_path / "missing.csv", {}, tmp_path / "a.svg", "en", measure_name)


def test_png_is_a_picture_or_says_what_is_missing() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="9"/>'
    if importlib.util.find_spec("resvg_py") is None:
        with pytest.raises(MissingExtra):
            png(svg)
    else:
        content = png(svg)
        assert content.startswith(b"\x89PNG")
        assert (int.from_bytes(content[16:20]), int.from_bytes(content[20:24])) == (16, 9)


def test_the_command_draws_beside_its_answer(tmp_path: Path) -> None:
    write_csv(MAKERS["walk"](), tmp_path / "walk.csv")
    words = [sys.executable, "-m", "osteogait", "measure", "walk.csv", "--protocol", "walk", "--json"]
    run = subprocess.run(
        [*words, "--plot", "walk.svg", "--lang", "zh"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "walk.svg" in run.stderr
    assert any("walk.csv" in text for text in _words(ET.parse(tmp_path / "walk.svg").getroot()))
    assert sorted(path.suffix for path in tmp_path.iterdir() if path.stem == "walk") == [
        ".csv",
        ".json",
        ".svg",
    ]
