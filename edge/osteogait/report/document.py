"""An assessment document as the report reads it (docs/contracts/assessment-1.schema.json)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OUTCOMES = ("osteoporosis", "mof_10y", "hip_10y", "falls_12m")
SEVERITIES = ("reject", "warn", "info")  # of remarks, the gravest first
COMPARED = ("comparison", "limit", "unit", "met")
KINDS = {"osteoporosis": "osteoporosis", "mof_10y": "fracture", "hip_10y": "fracture", "falls_12m": "falls"}

BONE, Z_SCORES = "bmd", ("fn_z", "th_z", "ls_z")
OF_WOMEN = frozenset({"hormone_therapy", "postmenopausal"})


@dataclass(frozen=True, slots=True)
class Risk:
    """A probability with its interval, where the model gave one."""

    probability: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Compared:
    """A value that a rule set compared with a limit, and what it said."""

    rule_set: str
    citation: str
    item: str
    comparison: str
    limit: int | float  # printed as the rule writes it
    unit: str
    met: bool


@dataclass(frozen=True, slots=True)
class Document:
    """The parts of an assessment that the report asks for."""

    person: Mapping[str, Any]
    values: Mapping[str, Mapping[str, Any]]
    recordings: Sequence[Mapping[str, Any]]
    content: Mapping[str, Any]

    @classmethod
    def of(cls, assessment: Mapping[str, Any]) -> Document:
        """The document of `assessment`, nothing given apart."""
        return cls(assessment["person"], assessment["values"], assessment["recordings"], assessment)

    @property
    def bone(self) -> Mapping[str, Any]:
        """The osteoporosis part."""
        found: Mapping[str, Any] = self.content["osteoporosis"]
        return found

    @property
    def partial(self) -> bool:
        """Whether some sites were measured and the model answers for the rest."""
        return self.bone["basis"] == "model" and bool(self.bone.get("sites_measured"))

    @property
    def estimated(self) -> bool:
        """Whether the status is an estimate made without any bone density."""
        return self.bone["basis"] == "model" and not self.partial and self.risk("osteoporosis") is not None

    @property
    def status(self) -> str:
        """The status; `partial`, `partial_no_number`, `not_assessed` where the model answers or cannot."""
        if self.bone["basis"] != "model":
            return str(self.bone["status"])
        if self.partial:
            return "partial_no_number" if self.risk("osteoporosis") is None else "partial"
        return "estimate" if self.estimated else "not_assessed"

    @property
    def unusable(self) -> int:
        """How many recordings failed their quality gate."""
        return sum(not recording["usable"] for recording in self.recordings)

    def risk(self, outcome: str) -> Risk | None:
        """The model's answer for `outcome`; None where it gave none or a rule decided."""
        if outcome in ("mof_10y", "hip_10y"):
            held = self.content["fracture_10y"][outcome.removesuffix("_10y")]
        else:
            held = self.content[outcome]
        if held["probability"] is None:
            return None
        interval = held.get("interval")
        return Risk(held["probability"], None if interval is None else (interval[0], interval[1]))

    def doubt(self, outcome: str) -> Mapping[str, Any] | None:
        """What the assessment tells of the doubt in `outcome`; None where it tells nothing."""
        if outcome in ("mof_10y", "hip_10y"):
            held = self.content["fracture_10y"][outcome.removesuffix("_10y")]
        else:
            held = self.content[outcome]
        found: Mapping[str, Any] | None = held.get("doubt")
        return found

    def missing_tests(self, outcome: str) -> Sequence[Mapping[str, Any]]:
        """Missing tests and what each would narrow `outcome` by, the most useful first."""
        found: Sequence[Mapping[str, Any]] = self.content.get("missing_tests", {}).get(outcome, ())
        return found

    @property
    def country(self) -> str | None:
        """For people of which country the numbers are meant; None where the assessment does not say."""
        held = self.content.get("country")
        return None if held is None else str(held["label"])

    @property
    def missing(self) -> tuple[Mapping[str, Any], ...]:
        """What the model had to do without, group by group; of a man nothing that only women are asked."""
        of_others = OF_WOMEN if self.person["sex"] == "male" else frozenset()
        found = [
            {**item, "features": [name for name in item["features"] if name not in of_others]}
            for item in self.content["missing"]
        ]
        return tuple(item for item in found if item["features"])

    def lacks(self, group: str) -> bool:
        """Whether nothing at all is known of `group`; a Z-score is knowledge of bone, though no input of the model."""
        if group == BONE and any(name in self.values for name in Z_SCORES):
            return False
        return any(item["group"] == group and item["whole_group"] for item in self.missing)

    def compared(self, feature: str) -> tuple[Compared, ...]:
        """What the verdicts compared of `feature`, rule set by rule set."""
        return tuple(
            Compared(said["rule_set"], said["citation"], said["item"], *(found[key] for key in COMPARED))
            for said in self.content.get("verdicts", ())
            for found in said.get("compared", ())
            if found["feature"] == feature
        )

    def has_flag(self, code: str) -> bool:
        """Whether the assessment carries the remark `code`."""
        return any(flag["code"] == code for flag in self.content["flags"])
