"""How a refusal says what the operating system, or another package, gives as its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from gaitsignal.errors import RecordingError
from gaitsignal.readers import read_recording


class Spoken:
    """A reason that knows its own words."""

    def message(self, lang: str) -> str:
        return {"en": "torn", "zh": "破损"}[lang]


@pytest.mark.parametrize(
    ("reason", "en", "zh"),
    [
        ("Permission denied", "Permission denied", "没有权限"),
        ("of nobody's making", "of nobody's making", "of nobody's making"),
        (Spoken(), "torn", "破损"),
    ],
)
def test_a_reason_is_said_in_the_language(reason: object, en: str, zh: str) -> None:
    error = RecordingError("file_unreadable", file="walk.csv", reason=reason)
    assert error.message("en") == f"walk.csv cannot be read: {en}. Check the path and the rights."
    assert error.message("zh") == f"无法读取 walk.csv：{zh}。请检查路径和权限。"


def test_a_file_that_fails_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "walk.csv"
    path.write_text("time_s,acc_x\n", encoding="utf-8")

    def broken(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(Path, "open", broken)
    monkeypatch.setattr(Path, "read_bytes", broken)
    monkeypatch.setattr(Path, "read_text", broken)
    with pytest.raises(RecordingError) as refused:
        read_recording(path)
    assert "磁盘读写错误" in refused.value.message("zh")
