"""Kinds of files: every one has the ending under which it leaves the box again."""

from __future__ import annotations

from typing import get_args

import pytest

from osteogait.clinic.intake.measurement import Kind, suffix_of
from osteogait.clinic.intake.template import KINDS


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_of_file_has_its_ending(kind: str) -> None:
    assert suffix_of(kind) in (".csv", ".xlsx", ".json", ".hl7", ".dcm")


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_ends_as_what_is_read_from_it(kind: str) -> None:
    assert suffix_of(kind) == f".{kind.rpartition('_')[2]}"


def test_a_kind_that_no_door_knows_runs_in_no_program() -> None:
    assert suffix_of("pdf") == ".bin"
    assert suffix_of("html_exe") == ".bin"
