"""Which engine answers: the order, the reasons, and a verdict that is kept only while nothing it depends on changed."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from osteofusion.engines import choice
from osteofusion.engines.base import ENGINES, ONNX_FILE
from osteofusion.engines.choice import choose
from osteofusion.engines.golden import GOLDEN_FILE
from osteofusion.engines.probe import Verdict
from osteofusion.errors import EngineError
from osteofusion.schema import default_bundle


class Bench:
    """A probe that fails the engines in `failing` and counts its runs."""

    def __init__(self, failing: dict[str, str] | None = None, *, answered: bool = True) -> None:
        self.failing, self.answered = failing or {}, answered
        self.runs: list[str] = []

    def __call__(self, name: str, bundle: Path) -> Verdict:
        self.runs.append(name)
        reason = self.failing.get(name, "")
        return Verdict(
            name, "1", not reason, reason, 80, 0.5 if reason else 1e-5, self.answered or not reason
        )


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """The two files that a verdict depends on."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    for name in (ONNX_FILE, GOLDEN_FILE):
        (folder / name).write_text(name)
    return folder


@pytest.fixture(autouse=True)
def all_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A packages folder with all three runtimes, so that the tests are the same in every environment."""
    packages = tmp_path / "site-packages"
    for module in choice.MODULES.values():
        (packages / module).mkdir(parents=True)
        (packages / module / "__init__.py").write_text("")
        (packages / f"{module}-1.0.dist-info").mkdir()
    found = {name: packages / module / "__init__.py" for name, module in choice.MODULES.items()}
    monkeypatch.setattr(choice, "_package", lambda name: found[name])
    return packages


def test_the_first_that_passes_answers(bundle: Path) -> None:
    assert choose(ENGINES, bundle, run=Bench()).engine == "onnxruntime"
    assert choose(("litert", "onnxruntime"), bundle, run=Bench()).engine == "litert"
    found = choose(ENGINES, bundle, run=Bench({"onnxruntime": "logits differ by 0.5"}))
    assert found.engine == "litert"
    assert [(v.engine, v.reason) for v in found.refused] == [("onnxruntime", "logits differ by 0.5")]


def test_none_passes_and_every_verdict_is_told(bundle: Path) -> None:
    found = choose(ENGINES, bundle, run=Bench(dict.fromkeys(ENGINES, "killed by signal 4")))
    assert found.engine is None
    assert [(v.engine, v.reason) for v in found.refused] == [(name, "killed by signal 4") for name in ENGINES]


def test_an_engine_that_is_not_installed_is_passed_over(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "_package", lambda _: None)
    bench = Bench()
    (verdict,) = choose(("litert",), bundle, run=bench).verdicts
    assert (verdict.engine, verdict.reason) == ("litert", "not installed")
    assert not bench.runs


def test_an_unknown_engine_is_an_error(bundle: Path) -> None:
    with pytest.raises(EngineError) as caught:
        choose(("abacus",), bundle, run=Bench())
    assert caught.value.code == "engine_unknown"


def test_a_verdict_is_kept(bundle: Path, tmp_path: Path) -> None:
    bench, cache = Bench({"onnxruntime": "logits differ by 0.5"}), tmp_path / "data" / "verdicts.json"
    first = choose(ENGINES, bundle, cache, bench)
    assert choose(ENGINES, bundle, cache, bench) == first
    assert bench.runs == ["onnxruntime", "litert"]
    assert not list(cache.parent.glob("*.part"))


def test_a_run_without_an_answer_is_not_kept(bundle: Path, tmp_path: Path) -> None:
    bench, cache = (
        Bench({"onnxruntime": "no answer within 120 s"}, answered=False),
        tmp_path / "verdicts.json",
    )
    for _ in range(2):
        choose(ENGINES, bundle, cache, bench)
    assert bench.runs == ["onnxruntime", "litert", "onnxruntime"]


@pytest.mark.parametrize("change", ["model", "golden", "runtime", "upgrade", "numpy", "processor"])
def test_a_change_asks_for_another_run(
    change: str, bundle: Path, tmp_path: Path, all_installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, cache = Bench(), tmp_path / "verdicts.json"
    choose(("onnxruntime",), bundle, cache, bench)
    if change == "model":
        (bundle / ONNX_FILE).write_text("another")
    if change == "golden":
        (bundle / GOLDEN_FILE).write_text("another")
    if change == "runtime":
        os.utime(all_installed / "onnxruntime" / "__init__.py", ns=(1, 1))
    if change == "upgrade":
        (all_installed / "onnxruntime-1.0.dist-info").rename(all_installed / "onnxruntime-1.1.dist-info")
    if change == "numpy":
        monkeypatch.setattr(choice.np, "__version__", "9.9")
    if change == "processor":
        cpuinfo = tmp_path / "cpuinfo"
        cpuinfo.write_text("processor : 0\nmodel name : Another\nflags : avx2\n")
        monkeypatch.setattr(choice, "PROCESSORS", cpuinfo)
    choose(("onnxruntime",), bundle, cache, bench)
    assert bench.runs == ["onnxruntime"] * 2


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"onnxruntime": 5}', '{"onnxruntime": {"verdict": {}}}', "\x00"]
)
def test_a_damaged_file_of_verdicts_is_forgotten(bundle: Path, tmp_path: Path, content: str) -> None:
    cache, bench = tmp_path / "verdicts.json", Bench()
    cache.write_text(content)
    choose(("onnxruntime",), bundle, cache, bench)
    assert bench.runs == ["onnxruntime"]
    assert json.loads(cache.read_text())["onnxruntime"]["verdict"]["passed"]


def test_a_folder_that_cannot_be_written_costs_a_run_only(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    bench = Bench()
    for _ in range(2):
        assert choose(("onnxruntime",), bundle, tmp_path / "file" / "verdicts.json", bench).engine
    assert bench.runs == ["onnxruntime"] * 2


def test_the_real_thing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real golden run: the shipped model passes; with one vector changed no installed engine is believed."""
    monkeypatch.undo()
    assert choose(ENGINES, default_bundle(), tmp_path / "verdicts.json").engine == "onnxruntime"
    damaged = Path(shutil.copytree(default_bundle(), tmp_path / "damaged"))
    content = json.loads((damaged / GOLDEN_FILE).read_text())
    for rule in ("logits_a", "logits_b"):
        content["vectors"][40][rule][70] += 0.01
    (damaged / GOLDEN_FILE).write_text(json.dumps(content))
    found = choose(ENGINES, damaged, tmp_path / "verdicts.json")
    assert found.engine is None
    assert found.refused[0].reason.startswith("logits differ by 0.01")
