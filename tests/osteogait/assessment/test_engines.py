"""An engine that does not reproduce the golden vectors is not used and the app says so; rules do not need one.

Every damage here is signed by a key that is trusted, as a retrained bundle would be: only the golden run can catch it.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from osteofusion.bundle import sign, write_manifest
from osteofusion.encode import layout
from osteofusion.engines.base import ENGINES, MODULES, ONNX_FILE, TFLITE_FILE, open_engine
from osteofusion.engines.golden import GOLDEN_FILE
from osteofusion.schema import default_bundle, load_schema
from osteofusion.signature import key_id
from osteofusion.trust_list import TrustedKey, TrustList
from osteogait import cli
from osteogait.assessment import model as app_model
from osteogait.assessment.model import VERDICTS_FILE, load_model, load_predictor
from osteogait.errors import ModelError

CASE = """\
person: {age: 72, sex: female, height: 156, weight: 51}
values: {fn_t: -2.7, gait_speed: 0.85, grip_one_hand: 15}
"""
TABLE_MAP = "columns:\n  AGE: {feature: age, unit: a}\n  SEX: {feature: sex, codes: {1: male, 2: female}}\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the shipped bundle that may be damaged; `use` then makes it the active one."""
    monkeypatch.setenv("OSTEOGAIT_DATA", str(tmp_path / "data"))
    load_model.cache_clear()
    yield Path(shutil.copytree(default_bundle(), tmp_path / "bundle"))
    load_model.cache_clear()


@pytest.fixture
def use(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def activate() -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        key = TrustedKey(key_id(public), "a test", "development", ("osteofusion",), "2026-01-01", public)
        write_manifest(bundle)
        sign(bundle, private)
        monkeypatch.setattr(app_model, "active_bundle", lambda: bundle)
        monkeypatch.setattr(app_model, "trusted", lambda: TrustList({key.id: key}))

    return activate


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """One `osteogait` command in this process: exit code, what it said, what it complained of."""

    def command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["osteogait", *words])
        code = cli.run()
        told = capsys.readouterr()
        return code, told.out, told.err

    return command


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case.yaml"
    path.write_text(CASE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def contract(repo: Path) -> Draft202012Validator:
    text = (repo / "docs" / "contracts" / "assessment-1.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def said(document: dict[str, Any]) -> dict[str, str]:
    return {flag["code"]: flag["message"] for flag in document["flags"]}


def one_wrong_vector(bundle: Path) -> None:
    path = bundle / GOLDEN_FILE
    content = json.loads(path.read_text())
    for rule in ("logits_a", "logits_b"):
        content["vectors"][33][rule][100] += 0.001
    path.write_text(json.dumps(content))


def constant(bundle: Path, name: str) -> np.ndarray:
    """A constant of the shipped model, which both files hold as the same bytes."""
    interpreter = open_engine("litert", bundle)._interpreter  # type: ignore[attr-defined]
    found = {detail["name"]: detail for detail in interpreter.get_tensor_details()}
    if name.endswith("_s"):
        scales = found[name.removesuffix("_s") + "_w"]["quantization_parameters"]["scales"]
        return np.asarray(scales, np.float32)
    return np.array(interpreter.get_tensor(found[name]["index"]))


def put(bundle: Path, file: str, before: np.ndarray, after: np.ndarray) -> None:
    content = (bundle / file).read_bytes()
    assert content.count(before.tobytes()) == 1
    assert not np.array_equal(before, after)
    (bundle / file).write_bytes(content.replace(before.tobytes(), after.tobytes()))


def sign_of_a_weight(bundle: Path, file: str) -> None:
    before = constant(bundle, "m1_e2_w")
    after = before.copy()
    place = np.unravel_index(np.abs(before.astype(int)).argmax(), before.shape)
    after[place] = -after[place]
    put(bundle, file, before, after)


def scale_by_one_percent(bundle: Path, file: str) -> None:
    before = constant(bundle, "m2_f_s")
    put(bundle, file, before, (before * np.float32(1.01)).astype(np.float32))


def two_inputs_swapped(bundle: Path, file: str) -> None:
    before = constant(bundle, "m0_e1_w")
    after, schema = before.copy(), load_schema(bundle)
    first, second = layout(schema).value[[schema.column["age"], schema.column["weight"]]]
    after[:, [first, second]] = after[:, [second, first]]
    put(bundle, file, before, after)


@pytest.mark.parametrize("damage", [sign_of_a_weight, scale_by_one_percent, two_inputs_swapped])
def test_a_damaged_engine_file_is_not_used_and_the_next_engine_answers(
    damage: Callable[[Path, str], None],
    bundle: Path,
    use: Callable[[], None],
    run: Run,
    case: Path,
    contract: Draft202012Validator,
) -> None:
    damage(bundle, ONNX_FILE)
    use()
    code, out, _ = run("assess", str(case), "--json")
    document = json.loads(out)
    assert code == 0
    assert not list(contract.iter_errors(document))
    assert document["model"]["engine"].startswith("litert")
    assert document["falls_12m"]["probability"] > 0
    assert "onnxruntime: logits differ by" in said(document)["engine_passed_over"]


def test_both_files_damaged_leaves_the_rules(
    bundle: Path, use: Callable[[], None], run: Run, case: Path
) -> None:
    for file in (ONNX_FILE, TFLITE_FILE):
        scale_by_one_percent(bundle, file)
    use()
    document = json.loads(run("assess", str(case), "--json")[1])
    assert document["model"]["engine"] == "none"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_without_an_engine_rules_answer_and_the_app_says_so(
    lang: str, bundle: Path, use: Callable[[], None], run: Run, case: Path, contract: Draft202012Validator
) -> None:
    one_wrong_vector(bundle)
    use()
    code, out, _ = run("assess", str(case), "--json", "--lang", lang)
    document = json.loads(out)
    assert code == 0
    assert not list(contract.iter_errors(document))
    assert document["model"]["engine"] == "none"
    for part in (document["fracture_10y"]["mof"], document["fracture_10y"]["hip"], document["falls_12m"]):
        assert part == {"probability": None, "interval": None}
    assert document["contributions"] == {}
    assert (document["osteoporosis"]["basis"], document["osteoporosis"]["status"]) == (
        "dxa_rule",
        "osteoporosis",
    )
    assert any(verdict["met"] for verdict in document["verdicts"])
    message = said(document)["no_engine"]
    differs = "输出相差" if lang == "zh" else "logits differ by"
    assert f"onnxruntime: {differs} 0.00" in message  # 0.001 or, by the rounding of float32, 0.000999
    assert ("不给出模型数值" if lang == "zh" else "no model number is given") in message


def test_the_table_for_people_and_the_report_say_so(
    bundle: Path, use: Callable[[], None], run: Run, case: Path, tmp_path: Path
) -> None:
    one_wrong_vector(bundle)
    use()
    code, out, _ = run("assess", str(case), "--report", str(tmp_path / "report.html"), "--lang", "en")
    assert code == 0
    assert "no model number is given" in " ".join(out.split())
    assert "no model number is given" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_table_of_model_probabilities_is_refused(
    bundle: Path, use: Callable[[], None], run: Run, tmp_path: Path
) -> None:
    one_wrong_vector(bundle)
    use()
    (tmp_path / "in.csv").write_text("AGE,SEX\n70,2\n")
    (tmp_path / "map.yaml").write_text(TABLE_MAP)
    words = [str(tmp_path / "in.csv"), "--columns", str(tmp_path / "map.yaml")]
    code, _, complaint = run("assess-table", *words, "--out", str(tmp_path / "out.csv"), "--lang", "en")
    assert code == 1
    assert "no model number is given" in complaint
    assert not (tmp_path / "out.csv").exists()
    with pytest.raises(ModelError) as caught:
        load_predictor()
    assert caught.value.code == "no_engine"


def test_the_verdict_is_kept_beside_the_data(
    bundle: Path, use: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from osteofusion.engines import choice

    use()
    runs: list[str] = []
    monkeypatch.setattr(
        choice, "_package", lambda name, real=choice._package: (runs.append(name), real(name))[1]
    )
    assert load_model().engine_name.startswith("onnxruntime")
    kept = json.loads((tmp_path / "data" / VERDICTS_FILE).read_text())
    assert kept["onnxruntime"]["verdict"]["passed"]
    assert runs == ["onnxruntime"]


def test_the_configured_order_is_used(
    bundle: Path, use: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use()
    (tmp_path / "config.yaml").write_text("model: {engines: [tflite-runtime, litert]}\n")
    monkeypatch.setenv("OSTEOGAIT_CONFIG", str(tmp_path / "config.yaml"))
    model = load_model()
    assert model.engine_name.split()[0] in ("tflite-runtime", "litert")
    assert not list(model.remarks)  # that an engine is not installed is no news while another answers


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_alone(
    engine: str,
    bundle: Path,
    use: Callable[[], None],
    run: Run,
    case: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if find_spec(MODULES[engine]) is None:
        pytest.skip(f"{engine} is not installed here")
    use()
    (tmp_path / "config.yaml").write_text(f"model: {{engines: [{engine}]}}\n")
    monkeypatch.setenv("OSTEOGAIT_CONFIG", str(tmp_path / "config.yaml"))
    document = json.loads(run("assess", str(case), "--json")[1])
    assert document["model"]["engine"].startswith(f"{engine} ")
    assert 0 < document["fracture_10y"]["hip"]["probability"] < document["fracture_10y"]["mof"]["probability"]


def test_an_engine_that_fails_only_in_this_process_is_passed_over(
    bundle: Path, use: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from osteofusion.errors import EngineError
    from osteofusion.predict import Predictor

    use()
    real = Predictor.load

    def fail_first(bundle: Path, engine: str, **more: Any) -> Predictor:
        if engine == "onnxruntime":
            raise EngineError("engine_failed", engine=engine, reason="out of luck")
        return real(bundle, engine, **more)

    monkeypatch.setattr(Predictor, "load", fail_first)
    model = load_model()
    assert model.engine_name.startswith("litert")
    assert ["out of luck" in remark.message("zh") for remark in model.remarks] == [True]
