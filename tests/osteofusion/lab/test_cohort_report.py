"""The page: every parameter has a source, every anchor a line, a drifted one cannot be missed."""

from __future__ import annotations

import pytest

from osteofusion.lab import cohort_pages
from osteofusion.lab.cohort import parameters
from osteofusion.lab.provenance import STATUS, parameters_of, unverified

PARAMETERS = parameters()


def test_every_parameter_names_a_known_source_and_status() -> None:
    found = parameters_of(PARAMETERS)
    assert len(found) > 100
    for item in found:
        assert item.source in PARAMETERS["sources"], item
        assert item.status in STATUS, item
        assert item.value, item


def test_every_source_is_used() -> None:
    used = {item.source for item in parameters_of(PARAMETERS)} | {"nhanes"}
    assert used == set(PARAMETERS["sources"])


def test_a_parameter_without_source_is_refused() -> None:
    with pytest.raises(KeyError, match="death frequency: no source"):
        parameters_of({"death": {"frequency": 0.3}})


def test_unverified_are_exactly_memory_and_judgement() -> None:
    assert {item.status for item in unverified(PARAMETERS)} == {"u", "j"}


def line(**changes: object) -> dict[str, object]:
    item = {
        "family": "ten-year death",
        "cell": "women 50s",
        "published": 0.057,
        "regenerated": 0.0572,
        "tolerance": 0.01,
        "measure": "points",
        "source": "nhanes_lmf",
        "status": "m",
        "deviation": 0.0002,
        "met": True,
    }
    return item | changes


def test_a_line_of_a_family() -> None:
    page = cohort_pages._family("ten-year death", [line(), line(cell="men 50s", regenerated=0.2, met=False)])
    assert page.startswith("### Ten-year death\n")
    assert "| women 50s | 0.057 | 0.0572 | +0.000 | 0.01 | met | nhanes_lmf (m) |" in page
    assert "| **drifted** |" in page


def test_a_figure_without_bar_is_told() -> None:
    assert "| - | told |" in cohort_pages._family("x", [line(measure="told")])


def test_the_form_of_the_table_is_one_line_an_age() -> None:
    cells = [line(cell=f"hip men 70 T {t:+d}", published=p, measure="form") for t, p in ((1, 0.2), (0, 0.5))]
    cells[1]["met"] = False
    page = cohort_pages._form(cells)
    assert "|  | T +1 | T +0 |" in page
    assert "| hip men 70 | 0.2 / 0.06 | **0.5 / 0.06** |" in page
