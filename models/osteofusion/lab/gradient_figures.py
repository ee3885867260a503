"""Risk per SD of bone density through the network, found as the published gradients were: over people of an age.

The same Poisson regression that holds the generator to the published gradients is run on what the network answers for
people that its member has not seen, once for each amount of knowledge that a visit brings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from osteofusion.encode import unstandardise
from osteofusion.lab.cohort import parameters
from osteofusion.lab.fracture_figures import SimulatedPeople
from osteofusion.lab.hazards import CLINICAL, People, bone_factor, incidence
from osteofusion.lab.markdown import number, table
from osteofusion.lab.out_of_fold import OutOfFold
from osteofusion.lab.regenerate import AROUND, poisson
from osteofusion.lab.tables import Flags, Values

TOLERANCE = 0.15  # as for the generator itself
AGES = (50, 60, 70, 80)
SITES = ("fn_t", "th_t", "ls_t")
PERSON = ("age", "sex")
VIEWS: Mapping[str, tuple[str, ...]] = {
    "age, sex, neck": (*PERSON, "fn_t"),
    "age, sex, three sites": (*PERSON, *SITES),
    "size, six factors, neck": (*PERSON, "weight", "height", *CLINICAL, "fn_t"),
    "size, six factors, three sites": (*PERSON, "weight", "height", *CLINICAL, *SITES),
}
EVERYTHING = "everything"

Found = Mapping[str, Any]


def tables(oof: OutOfFold, simulated: SimulatedPeople) -> list[dict[str, Any]]:
    """One row a published gradient: generated, and through the network (int8, float) by what is known."""
    people, years = _people(oof, simulated)
    views = {name: oof.only(simulated.z, names) for name, names in VIEWS.items()} | {EVERYTHING: simulated.z}
    answers = {name: oof.answer(z, simulated.fold) for name, z in views.items()}
    found = []
    for outcome, cell, published, rows in _published(people):
        own, at_risk = people.take(rows), years[outcome][rows]
        item: dict[str, Any] = {"outcome": outcome, "cell": cell, "published": published}
        item["generated"] = _gradient(own, simulated.truth[outcome][rows], at_risk)
        for name, answer in answers.items():
            both = answer.outcome(outcome).take(rows)
            item[name] = {
                "int8": _gradient(own, both.int8, at_risk),
                "float": _gradient(own, both.float, at_risk),
            }
        found.append(item)
    return found


def _published(people: People) -> Iterator[tuple[str, str, float, Flags]]:
    """Outcome, cell, published ratio and the people who stand for it."""
    given = parameters()["gradient_of_bone"]
    by_age = dict(zip(given["hip_by_age"]["ages"], given["hip_by_age"]["value"], strict=True))
    for age in AGES:
        yield "hip_10y", f"hip at {age}", by_age[age], np.abs(people.age - age) <= AROUND
    for outcome in ("hip", "mof"):
        for male, sex in enumerate(("women", "men")):
            rows = (np.abs(people.age - 65) <= AROUND) & (people.male == male)
            yield f"{outcome}_10y", f"{outcome} at 65, {sex}", given[f"{outcome}_at_65"][sex], rows


def _people(oof: OutOfFold, simulated: SimulatedPeople) -> tuple[People, dict[str, Values]]:
    """The completed people with their neck, and the years each is expected to be at risk, by outcome."""
    values, at = unstandardise(oof.schema, simulated.z), oof.schema.column
    age, male = values[:, at["age"]], np.round(values[:, at["sex"]])
    bmi = values[:, at["weight"]] / (values[:, at["height"]] / 100) ** 2
    factor = {"fn_t": bone_factor(values[:, at["fn_t"]])}
    weight = oof.cohort.bone.weight[simulated.rows]
    people = People(age, male, bmi, weight, factor, np.zeros(len(age), bool))
    hip, other, death = (simulated.hazards[cause] for cause in ("hip", "other", "death"))
    return people, {"hip_10y": incidence(hip, death)[1], "mof_10y": incidence(hip + other, death)[1]}


def _gradient(people: People, chance: Values, years: Values) -> float:
    return round(poisson(people, ("fn_t",), chance, years, with_bmi=False)["fn_t"], 3)


def gradient_table(found: Sequence[Found]) -> str:
    """Published, generated and learned risk per SD, integers with the float weights in brackets."""
    views = [*VIEWS, EVERYTHING]
    rows = [
        [
            item["cell"],
            number(item["published"], 2),
            number(item["generated"], 2),
            *(f"{item[view]['int8']:.2f} ({item[view]['float']:.2f})" for view in views),
        ]
        for item in found
    ]
    return table(["risk per SD", "published", "generated", *views], rows)


def worst(found: Sequence[Found], view: str) -> float:
    """The largest relative distance of the integers from the published gradients, with its sign."""
    distances = [float(item[view]["int8"] / item["published"] - 1) for item in found]
    return max(distances, key=abs)
