"""The tools behind `make accuracy`: what they fit, cut and print is what they say; the peers stay outside."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
TOOLS = (
    "open_walks",
    "peers",
    "contenders",
    "gait_tables",
    "balance_tables",
    "fit_speed",
    "bench_peers",
    "setting_tables",
)


@pytest.fixture(scope="module")
def tools() -> dict[str, ModuleType]:
    """The scripts as modules; they find each other by their folder, as when one of them is run."""
    sys.path.insert(0, str(HERE))
    try:
        import importlib

        return {name: importlib.import_module(name) for name in TOOLS}
    finally:
        sys.path.remove(str(HERE))


def test_the_fit_finds_the_constants_that_made_the_speeds(tools: dict[str, ModuleType]) -> None:
    fit_speed, rng = tools["fit_speed"], np.random.default_rng(3)
    truth = np.array([1.07, -0.7, -0.26])
    walks = []
    for number in range(40):
        seen = (rng.uniform(0.45, 1.2), rng.uniform(0.01, 0.06), rng.uniform(0.1, 1.4), rng.uniform(1.5, 1.9))
        blank = fit_speed.Stretch(f"person {number % 8}", "walkway", *seen, truth_m_s=1.0)
        walks.append(
            fit_speed.Stretch(f"person {number % 8}", "walkway", *seen, truth_m_s=blank.speed(truth))
        )
    assert fit_speed.fit(walks) == pytest.approx(truth, abs=1e-6)
    assert np.abs(fit_speed.errors(walks, left_out=True)["walkway"]).max() < 1e-6


def test_a_belt_that_stops_ends_the_windows(tools: dict[str, ModuleType]) -> None:
    steps = [0.6] * 50 + [0.75, 0.9, 0.4]
    events = [{"t": float(t)} for t in np.cumsum(steps)]
    meta = {"reference": {"ics": events, "eval_windows": [[1.0, 33.0], [40.0, 50.0]], "summary": {"x": 1}}}
    cut = tools["gait_tables"].steady_meta(meta)["reference"]
    assert cut["eval_windows"] == [[1.0, pytest.approx(30.0)]]
    assert cut["summary"] == {}
    assert meta["reference"]["eval_windows"] == [[1.0, 33.0], [40.0, 50.0]]


def test_numbers_as_they_stand_in_the_tables(tools: dict[str, ModuleType]) -> None:
    column = tools["gait_tables"].Column
    assert column("", ("a", "b"), 3).text({"a": 0.0496, "b": -0.0204}) == "0.050 (-0.020)"
    assert column("", ("a", "b"), 2).text({"a": 1.0, "b": float("nan")}) == "1.00"
    assert column("", ("a",), 2).text({"a": float("nan")}) == "-"
    assert column("", ("a",), 2).text({}) == "-"


def test_errors_without_lag_are_those_of_other_people(tools: dict[str, ModuleType]) -> None:
    errors = np.array([[1.0], [3.0], [5.0]])
    rest = tools["balance_tables"].without_lag(errors, ["a", "a", "b"])
    assert rest.ravel().tolist() == [-4.0, -2.0, 3.0]


def test_the_bars_of_cost_are_judged(tools: dict[str, ModuleType]) -> None:
    bench = tools["bench_peers"]
    quick, slow = bench.Cost(0.4, 0.4, 80.0, 0.1), bench.Cost(3.9, 3.9, 300.0, 1.5)
    assert [good for _, good in bench.verdicts({"osteogait": quick, bench.MOBGAP.title: slow})] == [
        True,
        True,
        False,
    ]
    assert [good for _, good in bench.verdicts({"osteogait": slow})] == [False, False]


def test_the_peers_run_without_us_and_we_without_them(repo: Path) -> None:
    peers = {"mobgap", "skdh"}
    for path in HERE.glob("peer_*.py"):
        assert not imported(path) & {"gaitsignal", "osteogait", "osteofusion"}, path.name
    for root in ("edge", "signal", "models"):
        assert not [path for path in (repo / root).rglob("*.py") if imported(path) & peers]


def imported(path: Path) -> set[str]:
    """Top names of what a file imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    others = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in (*plain, *others)}


@pytest.mark.parametrize("name", ["mobgap", "skdh"])
def test_locks_of_the_peers_are_pinned_hashed_and_without_addresses(repo: Path, name: str) -> None:
    text = (repo / "requirements" / f"peer-{name}.txt").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert len(blocks) > 20
    assert all(re.match(r"[A-Za-z0-9._-]+==\S+", block) and "--hash=sha256:" in block for block in blocks)
    assert "://" not in text


def test_the_document_was_made_with_the_constants_that_ship(repo: Path) -> None:
    from gaitsignal.measures import speed

    shipped = " / ".join(f"{x:.3f}" for x in (speed.GAIN, speed.SWAY_EXPONENT, speed.RISE_EXPONENT))
    text = (repo / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert f"Shipped: {shipped};" in text


@pytest.mark.realdata
def test_the_shipped_constants_are_those_that_the_fit_gives(tools: dict[str, ModuleType]) -> None:
    from gaitsignal.measures import speed

    fitted = tools["fit_speed"].fit(tools["fit_speed"].all_stretches())
    shipped = [speed.GAIN, speed.SWAY_EXPONENT, speed.RISE_EXPONENT]
    assert fitted == pytest.approx(shipped, abs=0.003)
