"""The China scale: its people have its ages and body size, its figures come out, what cannot hold is said."""

from __future__ import annotations

import numpy as np
import pytest

from osteofusion.country import read_countries
from osteofusion.lab.cohort import Cohort
from osteofusion.lab.country import HOME, populated, scales
from osteofusion.schema import load_schema

SCHEMA = load_schema()
AT = SCHEMA.column
pytestmark = pytest.mark.realdata


def test_ages_are_those_of_the_census(real_cohort: Cohort) -> None:
    item = real_cohort.parameters["countries"]["CN"]
    people = populated(real_cohort, item).people
    for male, sex in enumerate(("women", "men")):
        for number, millions in enumerate(item["population"][sex][:9]):
            low = 40 + 5 * number
            rows = (people.male == male) & (people.age >= low) & (people.age < low + 5)
            assert people.weight[rows].sum() == pytest.approx(millions * 1e6)
    assert people.weight[people.age >= 65].sum() == pytest.approx(190.6e6, rel=0.005)


def test_body_size_is_that_of_the_country_and_bone_follows_it(real_cohort: Cohort) -> None:
    item = real_cohort.parameters["countries"]["CN"]
    found, home = populated(real_cohort, item), real_cohort.pooled[0]
    women = found.people.male == 0
    weight = found.values[women, AT["weight"]]
    assert weight.mean() == pytest.approx(item["body"]["weight"]["women"][0], abs=1.0)
    change = found.values[women, AT["fn_t"]] - home[women, AT["fn_t"]]
    lighter = home[women, AT["weight"]] - weight
    assert change.mean() < -0.2
    assert np.corrcoef(change, lighter)[0, 1] < -0.9


def test_one_number_an_outcome_meets_the_published_figures(real_cohort: Cohort) -> None:
    found = scales(real_cohort)["CN"]
    for item in found["anchors"]:
        assert item["met"], item
    held = [item for item in found["anchors"] if item["measure"] != "told"]
    assert {item["family"] for item in held} == {
        "prevalence at 40 and over",
        "hip fractures per 100,000 a year",
        "rise of hip fractures per ten years",
    }


def test_figures_that_cannot_stand_together_are_told(real_cohort: Cohort) -> None:
    late = next(item for item in scales(real_cohort)["CN"]["anchors"] if item["cell"].startswith("65"))
    assert late["measure"] == "told"
    most = float(late["cell"].split("at most ")[1].split()[0])
    assert late["regenerated"] < most < 0.9 * late["published"]


def test_the_bundle_reads_it(real_cohort: Cohort) -> None:
    countries = read_countries({"countries": scales(real_cohort)})
    assert not countries[HOME].moved
    assert countries["CN"].moved
    assert countries["CN"].label["zh"] == "中国"
    assert countries["CN"].hip == countries["CN"].other < 0
