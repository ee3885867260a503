"""How numbers, units and names are said in errors and remarks."""

from __future__ import annotations

import errno
import os
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from gaitsignal.words import reasons_of_files
from osteogait.assessment.remarks import Remark
from osteogait.errors import CaseError
from osteogait.words import sentence

RANGE = {"low": -8.0, "high": 6.0}


@pytest.mark.parametrize(
    ("unit", "lang", "beginning"),
    [
        ("{T-score}", "en", "fn_t: -9.25 (T-score) is outside the possible range -8 to 6 (T-score)."),
        ("{T-score}", "zh", "fn_t：-9.25 (T 值) 超出可能范围 -8 至 6 (T 值)。"),
        ("1", "en", "fn_t: -9.25 is outside the possible range -8 to 6."),
        ("a", "zh", "fn_t：-9.25 岁 超出可能范围 -8 至 6 岁。"),
        ("kg", "en", "fn_t: -9.25 kg is outside the possible range -8 to 6 kg."),
    ],
)
def test_an_error_names_key_value_limit_and_unit_as_people_write_them(
    unit: str, lang: str, beginning: str
) -> None:
    error = CaseError("outside_hard_range", feature="fn_t", value=-9.25, unit=unit, **RANGE)
    assert error.message(lang).startswith(beginning)


def test_a_remark_says_what_people_call_the_feature_and_its_key() -> None:
    remark = Remark("outside_training_range", "warn", {"feature": "gait_speed"})
    assert remark.message("en").startswith("Walking speed (gait_speed) lies beyond")
    assert remark.message("zh").startswith("步行速度 (gait_speed) 超出模型训练范围")


def test_a_remark_on_what_no_schema_knows_keeps_its_key() -> None:
    assert Remark("not_used_by_model", "info", {"feature": "bmi"}).message("en").startswith("bmi is kept")


@pytest.mark.parametrize(
    ("reason", "en", "zh"),
    [
        ("Permission denied", "Permission denied", "没有权限"),
        (
            OSError(errno.ENOENT, "No such file or directory", "/x: y"),
            "No such file or directory",
            "没有该文件",
        ),
        ("database or disk is full", "database or disk is full", "磁盘空间不足"),
        ("killed by signal 4", "killed by signal 4", "被信号 4 终止"),
        ("litert: logits differ by 1.5e-05", "litert: logits differ by 1.5e-05", "litert: 输出相差 1.5e-05"),
        ("{odd} [braces] 7", "{odd} [braces] 7", "{odd} [braces] 7"),
        ("of no system we know: x", "of no system we know: x", "of no system we know: x"),
    ],
)
def test_a_reason_of_the_system_is_said_in_the_language(reason: object, en: str, zh: str) -> None:
    assert f": {en}. Check" in sentence("file_unreadable", "en", {"file": "walk.csv", "reason": reason})
    assert f"：{zh}" in sentence("file_unreadable", "zh", {"file": "walk.csv", "reason": reason})


def test_reasons_of_several_engines_are_said_in_chinese() -> None:
    fields = {"reasons": "onnxruntime: killed by signal 4; litert: not installed"}
    assert sentence("no_engine", "zh", fields).endswith("onnxruntime: 被信号 4 终止; litert: 未安装")
    assert sentence("no_engine", "en", fields).endswith(str(fields["reasons"]))


def test_every_reason_is_one_that_the_system_or_sqlite_gives() -> None:
    engines = "".join(
        path.read_text("utf-8") for path in Path(str(files("osteofusion.engines"))).glob("*.py")
    )
    said = {os.strerror(number) for number in errno.errorcode}
    own = yaml.safe_load(files("osteogait").joinpath("reasons.yaml").read_text(encoding="utf-8"))
    ours = {**reasons_of_files(), **own}
    of_sqlite = {key for key in ours if key not in said and key.partition(" {}")[0] not in engines}
    assert of_sqlite == {
        "attempt to write a readonly database",
        "database disk image is malformed",
        "database is locked",
        "database or disk is full",
        "disk I/O error",
        "file is not a database",
        "unable to open database file",
    }
