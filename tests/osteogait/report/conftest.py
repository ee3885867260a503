"""Assessment documents of invented people, in the shape of the contract."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from osteofusion.examinations import examinations
from osteofusion.explain import TRACE
from osteofusion.schema import load_schema
from osteogait.assessment.inputs import KnownValue
from osteogait.assessment.verdicts import rule_values, verdict_part, verdicts
from osteogait.clinic.case import Person
from osteogait.words import LANGUAGES, sentence

GROUP_LOGITS = {
    "osteoporosis": {
        "bmd": 0.0,
        "microarchitecture": 0.62,
        "turnover": 0.2,
        "clinical": 1.31,
        "snp": -0.06,
        "sensor": 0.02,
    },
    "mof_10y": {
        "bmd": 0.71,
        "microarchitecture": 0.22,
        "turnover": 0.12,
        "clinical": 0.94,
        "snp": -0.03,
        "sensor": 0.27,
    },
    "hip_10y": {
        "bmd": 1.52,
        "microarchitecture": 0.3,
        "turnover": -0.1,
        "clinical": 1.7,
        "snp": -0.02,
        "sensor": 0.38,
    },
    "falls_12m": {
        "bmd": 0.0,
        "microarchitecture": 0.0,
        "turnover": 0.03,
        "clinical": 0.2,
        "snp": 0.0,
        "sensor": -0.48,
    },
}
NUMBERS: dict[str, float] = {
    "fn_t": -2.1, "th_t": -1.8, "ls_t": -1.4, "fn_z": -0.6, "ls_z": -0.4, "fn_bmd": 0.606,
    "tbs": 1.21, "tb_sp": 0.62, "tb_n": 1.48, "tb_th": 0.061, "tb_vbmd": 118, "ct_vbmd": 801, "ct_th": 0.61,
    "failure_load": 2140, "ctx": 0.41, "pinp": 52, "bap": 17.2, "osteocalcin": 21, "ntx_cr": 44,
    "vit_d25oh": 47.42,
    "pth": 51, "alp": 78, "calcium": 2.31, "phosphate": 1.12, "albumin": 42, "creatinine": 66,
    "rs4355801": 1, "rs3736228": 0, "rs9594759": 2, "rs3801387": 1, "rs4870044": 0, "rs2228570": 1,
    "gait_speed": 0.914237, "cadence": 104.3829, "stride_length": 1.0513, "stride_time_cv": 3.0481,
    "step_regularity": 0.7431, "sway_rms_acc_ml": 0.071234, "sway_jerk": 0.0381, "sway_ellipse_area": 0.03123,
    "tug": 12.4, "chair_stand_5x": 13.1, "one_leg_stance": 8, "grip_one_hand": 17.5,
}  # fmt: skip
HISTORY = {
    "prior_fracture": True, "parent_hip_fracture": False, "current_smoking": False, "glucocorticoids": False,
    "rheumatoid_arthritis": False, "alcohol_3_units": False, "diabetes_type2": True, "falls_past_year": True,
    "copd": False, "stroke": False, "cancer": False, "postmenopausal": True,
}  # fmt: skip
FROM_RECORDING = {
    **dict.fromkeys(
        ("gait_speed", "cadence", "stride_length", "stride_time_cv", "step_regularity"), "walk1.csv"
    ),
    **dict.fromkeys(("sway_rms_acc_ml", "sway_jerk", "sway_ellipse_area"), "stance1.csv"),
}
WRITTEN = {"ctx": (410, "pg/mL"), "vit_d25oh": (19, "ng/mL")}
MESSAGES = {
    "lost": {"en": "0.4 % of the samples were lost; the measures near the gaps are left out.",
             "zh": "丢失 0.4% 的样本；缺口附近的指标未采用。"},
    "too_short": {"en": "Only 2 steps were found in 41 s; a walk needs at least 8. Repeat the walk.",
                  "zh": "41 秒内只找到 2 步，步行至少需要 8 步。请在 10 米以上的距离重新测试。"},
    "conflict": {"en": "tug: typed 12.4 s, measured 11.9 s. The typed value is used.",
                 "zh": "tug：录入值 12.4 s，测量值 11.9 s。采用录入值。"},
    **{
        code: {lang: sentence(code, lang, {"country": "China", "reasons": "litert"}) for lang in LANGUAGES}
        for code in ("country_scaled", "equations_home_country", "no_engine")
    },
    "too_young": {"en": "The model is made for people of 40 and older; no risk is given at 34 years.",
                  "zh": "模型适用于 40 岁及以上人群；34 岁不给出风险数值。"},
}  # fmt: skip
COUNTRY = {"en": "United States", "zh": "美国"}
PERSON = {"age": 72, "sex": "female", "height": 156, "weight": 51}
Make = Callable[..., dict[str, Any]]


def make(lang: str, *, only: Iterable[str] | None = None, **parts: Any) -> dict[str, Any]:
    """A document with the values named in `only` (all of them by default) and `parts` replaced."""
    person = parts.pop("person", PERSON)
    names = [feature.id for feature in load_schema().features]
    known = set(names if only is None else only) | {name for name, held in person.items() if held is not None}
    values = {
        name: _value(name, person) for name in names if name in known and name != "ancestry" and _has(name)
    }
    document: dict[str, Any] = {
        "schema": "osteogait.assessment/1",
        "osteoporosis": bone("dxa_rule", "low_bone_mass", "fn", -2.1, ["fn", "th", "ls"]),
        "fracture_10y": {"mof": risk(0.1234, 0.081, 0.176), "hip": risk(0.0241, 0.012, 0.041)},
        "falls_12m": risk(0.087, 0.052, 0.139, ("no", "yes")),
        "contributions": contributions(known),
        "missing_tests": missing_tests(known, lang),
        "country": {"id": "US", "label": COUNTRY[lang], "named_by": "configuration", "trained_here": True},
        "tools": {"osta": {"score": -4, "class": "medium"}},
        "missing": missing(known),
        "flags": [],
        "model": {
            "id": "osteofusion",
            "version": "1.0.0",
            "counter": 3,
            "sha256": "3f9a" * 16,
            "signed_by": {"key": "0bab" * 4, "name": "a clinic", "use": "release", "since": "2026-01-01"},
            "engine": "onnxruntime 1.30.0",
            "engines_refused": [],
            "data_tier": {"osteoporosis": "R", "mof_10y": "S", "hip_10y": "S", "falls_12m": "R"},
        },
        "person": person,
        "values": values,
        "verdicts": said(values, person, lang),
        "recordings": [],
        "software": {"version": "0.1.0"},
        "created": "2026-11-25T09:12:00+08:00",
    }
    return json.loads(json.dumps({**document, **parts}))  # type: ignore[no-any-return]


def said(values: dict[str, Any], person: dict[str, Any], lang: str) -> list[dict[str, Any]]:
    """What the rule sets say on `values`."""
    known = {name: KnownValue(held["value"], held["unit"], held["source"]) for name, held in values.items()}
    found = rule_values(known, (), Person(person["age"], person["sex"]))
    return [verdict_part(verdict, lang) for verdict in verdicts(found)]


def _has(name: str) -> bool:
    return name in NUMBERS or name in HISTORY or name in PERSON or name == "fragility_fracture_sites"


def _value(name: str, person: dict[str, Any]) -> dict[str, Any]:
    unit = load_schema().by_id[name].unit
    if name in FROM_RECORDING:
        return {"value": NUMBERS[name], "unit": unit, "source": f"recording:{FROM_RECORDING[name]}"}
    if name == "sex":  # the case stores the model's code
        value: Any = {"female": 0.0, "male": 1.0}[person["sex"]]
    elif name == "fragility_fracture_sites":
        value = ["forearm"]
    else:
        value = person[name] if name in person else NUMBERS.get(name, float(HISTORY.get(name, 0)))
    written, written_unit = WRITTEN.get(name, (value, None))
    return {
        "value": value,
        "unit": unit,
        "source": "typed",
        "as_written": {"value": written, "unit": written_unit},
    }


def risk(
    probability: float | None, low: float = 0.0, high: float = 0.0, labels: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A probability with its interval, its doubt by source, and the answers that are not ruled out."""
    if probability is None:
        return {"probability": None, "interval": None}
    middle = [(low + probability) / 2, (high + probability) / 2]
    sources = {"members": middle, "missing": [low, high], "rounding": [probability, probability]}
    judgement = {"not_ruled_out": list(labels), "at_threshold": len(labels) == 1} if labels else None
    doubt = {
        "sources": sources,
        "rounding": 0.001,
        "judgement": judgement,
        "observed_share": [probability * 0.95, min(probability * 1.1, 1.0)] if labels else None,
    }
    return {"probability": probability, "interval": [low, high], "doubt": doubt}


def missing_tests(known: set[str], lang: str) -> dict[str, Any]:
    """Every examination of which something is missing, each narrowing less than the one before it."""
    tests = [
        (test, [name for name in test.features if name not in known]) for test in examinations(load_schema())
    ]
    lacking = [(test, names) for test, names in tests if names]
    return {
        outcome: [
            {
                "id": test.id,
                "label": test.label[lang],
                "features": names,
                "narrowing": 0.5 / (rank + 1),
                "decides": outcome == "osteoporosis" and test.id == "dxa",
                "noticeable": rank < 4,
            }
            for rank, (test, names) in enumerate(lacking)
        ]
        for outcome in GROUP_LOGITS
    }


def bone(
    basis: str,
    status: str,
    site: str | None = None,
    t_score: float | None = None,
    sites: Iterable[str] = (),
    **more: Any,
) -> dict[str, Any]:
    """The osteoporosis part."""
    return {
        "basis": basis, "status": status, "probability": None, "interval": None, "site": site,
        "t_score": t_score, "sites_measured": list(sites), "measured_status": None, "method": None,
        "rule_set": "china2022", **more,
    }  # fmt: skip


def contributions(known: set[str]) -> dict[str, Any]:
    """Reasons for every outcome: a group's logit spread over what is known of it."""
    schema = load_schema()
    found = {}
    for outcome, groups in GROUP_LOGITS.items():
        features = []
        for group, logit in groups.items():
            members = [f.id for f in schema.inputs if f.group == group and f.id in known]
            shares = [2.0**-rank for rank in range(len(members))]
            features += [
                {"feature": member, "group": group, "logit": logit * share / sum(shares)}
                for member, share in zip(members, shares, strict=True)
            ]
        steps = [group for group in TRACE if any(f["group"] == group for f in features)]
        totals = {group: sum(f["logit"] for f in features if f["group"] == group) for group in groups}
        found[outcome] = {
            "baseline_logit": -3.0,
            "total_logit": -3.0 + sum(totals.values()),
            "groups": [{"group": group, "logit": total} for group, total in totals.items()],
            "features": features,
            "trace": [{"group": group, "probability": 0.04 * (rank + 1)} for rank, group in enumerate(steps)],
        }
    return found


def missing(known: set[str]) -> list[dict[str, Any]]:
    """What is not known, by group."""
    schema = load_schema()
    found = []
    for group in schema.groups:
        names = [feature.id for feature in schema.inputs if feature.group == group.id]
        lacking = [name for name in names if name not in known]
        if lacking:
            found.append({"group": group.id, "features": lacking, "whole_group": len(lacking) == len(names)})
    return found


def recording(
    path: str, protocol: str, lang: str, code: str | None = None, *, usable: bool = True
) -> dict[str, Any]:
    """A recording with at most one remark."""
    flags = (
        [{"code": code, "severity": "warn" if usable else "reject", "message": MESSAGES[code][lang]}]
        if code
        else []
    )
    return {"path": path, "protocol": protocol, "usable": usable, "flags": flags, "measures": {}}


def flag(code: str, severity: str, lang: str) -> dict[str, str]:
    """A remark on the assessment."""
    return {"code": code, "severity": severity, "message": MESSAGES[code][lang]}


def everything(lang: str) -> dict[str, Any]:
    """All values, two recordings."""
    recordings = [
        recording("walk1.csv", "walk", lang, "lost"),
        recording("stance1.csv", "quiet_stance", lang),
    ]
    return make(lang, recordings=recordings, flags=[flag("conflict", "warn", lang)])


def no_dxa(lang: str) -> dict[str, Any]:
    """No bone density, everything else of a clinic."""
    schema = load_schema()
    only = [
        feature.id for feature in schema.features if feature.group not in ("bmd", "microarchitecture", "snp")
    ]
    estimate = bone("model", "estimate", method="network") | risk(0.2349, 0.14, 0.36, ("yes",))
    recordings = [recording("walk1.csv", "walk", lang), recording("stance1.csv", "quiet_stance", lang)]
    return make(lang, only=only, osteoporosis=estimate, recordings=recordings)


def all_but_dxa(lang: str) -> dict[str, Any]:
    """No bone density, all the rest, one recording failed: the longest page of results."""
    schema = load_schema()
    only = [feature.id for feature in schema.features if feature.group != "bmd"]
    estimate = bone("model", "estimate", method="network") | risk(0.5349, 0.514, 0.836, ("yes",))
    recordings = [
        recording("walk1.csv", "walk", lang, "lost"),
        recording("stance1.csv", "quiet_stance", lang),
        recording("walk2.csv", "walk", lang, "too_short", usable=False),
    ]
    document = make(lang, only=only, osteoporosis=estimate, recordings=recordings)
    for name in ("tug", "chair_stand_5x"):
        document["values"][name]["source"] = f"recording:{name}.csv"
        del document["values"][name]["as_written"]
    return document


def kiosk(lang: str) -> dict[str, Any]:
    """Questions and two tests, one of which failed: the longest page for the person."""
    only = ["prior_fracture", "falls_past_year", "tug"]
    estimate = bone("model", "estimate", method="network") | risk(0.184, 0.1, 0.31, ("no", "yes"))
    failed = recording("walk1.csv", "walk", lang, "too_short", usable=False)
    return make(lang, only=only, osteoporosis=estimate, recordings=[failed])


def dxa_only(lang: str) -> dict[str, Any]:
    """Three T-scores, one in the range of osteoporosis."""
    status = bone("dxa_rule", "osteoporosis", "fn", -2.7, ["fn", "th", "ls"])
    document = make(lang, only=["fn_t", "th_t", "ls_t"], osteoporosis=status)
    document["values"]["fn_t"]["value"] = -2.7
    return document


def partial_dxa(lang: str) -> dict[str, Any]:
    """The femoral neck alone."""
    status = bone(
        "model", "estimate", "fn", -2.1, ["fn"], measured_status="low_bone_mass", method="equations"
    )
    by_equation = {"probability": 0.164, "interval": [0.09, 0.26]}  # an equation has no sources of doubt
    return make(lang, only=["fn_t", "prior_fracture"], osteoporosis=status | by_equation)


def age_and_sex(lang: str) -> dict[str, Any]:
    """Nothing but age and sex of a man."""
    person = {"age": 58, "sex": "male", "height": None, "weight": None}
    estimate = bone("model", "estimate", method="network") | risk(0.0312, 0.004, 0.11, ("no",))
    return make(
        lang, only=[], person=person, osteoporosis=estimate, tools={"osta": None},
        fracture_10y={"mof": risk(0.0371, 0.015, 0.08), "hip": risk(0.0021, 0.0004, 0.009)},
        falls_12m=risk(0.034, 0.01, 0.09),
    )  # fmt: skip


def failed_recording(lang: str) -> dict[str, Any]:
    """A walk that failed its gate, and a fragility fracture."""
    status = bone("fracture_rule", "fracture_criterion", "fn", -2.1, ["fn"])
    only = ["fn_t", "fragility_fracture_sites", "tug", "one_leg_stance"]
    failed = recording("walk1.csv", "walk", lang, "too_short", usable=False)
    return make(lang, only=only, osteoporosis=status, recordings=[failed])


def too_young(lang: str) -> dict[str, Any]:
    """A woman under 40: no model number, Z-score only."""
    person = {"age": 34, "sex": "female", "height": 165, "weight": 58}
    status = bone("none", "below_expected_for_age", "ls", rule_set="iscd2019")
    document = make(
        lang, only=["fn_z", "ls_z"], person=person, osteoporosis=status, contributions={},
        fracture_10y={"mof": risk(None), "hip": risk(None)}, falls_12m=risk(None),
        flags=[flag("too_young", "warn", lang) | {"code": "age_out_of_scope"}], missing_tests={},
    )  # fmt: skip
    document["values"]["ls_z"]["value"] = -2.3
    return document


def no_engine(lang: str) -> dict[str, Any]:
    """Three T-scores, a walk, and no engine that passed its check: rules and measures alone."""
    document = dxa_only(lang)
    found = flag("no_engine", "warn", lang)
    document["model"] |= {
        "engine": "none", "engines_refused": [{"engine": "litert", "reason": "logits differ by 0.02"}]
    }  # fmt: skip
    nothing = {"mof": risk(None), "hip": risk(None)}
    return document | {
        "fracture_10y": nothing, "falls_12m": risk(None), "contributions": {}, "missing_tests": {}, "flags": [found]
    }  # fmt: skip


def china(lang: str) -> dict[str, Any]:
    """The femoral neck alone, levels of another country, and a FRAX result that the clinician typed in."""
    document = partial_dxa(lang)
    document["country"] = {
        "id": "CN", "label": {"en": "China", "zh": "中国"}[lang], "named_by": "case", "trained_here": False
    }  # fmt: skip
    document["tools"]["frax"] = {
        "mof_percent": 14.0, "hip_percent": 5.2, "country": "China", "with_bmd": True, "source": "typed"
    }  # fmt: skip
    document["flags"] = [flag(code, "info", lang) for code in ("country_scaled", "equations_home_country")]
    return document


CASES: dict[str, Callable[[str], dict[str, Any]]] = {
    case.__name__: case
    for case in (
        everything,
        no_dxa,
        all_but_dxa,
        kiosk,
        dxa_only,
        partial_dxa,
        age_and_sex,
        failed_recording,
        too_young,
        no_engine,
        china,
    )
}


@pytest.fixture(params=["en", "zh"])
def lang(request: pytest.FixtureRequest) -> str:
    """Each language of the report."""
    return str(request.param)


@pytest.fixture(params=CASES)
def document(request: pytest.FixtureRequest, lang: str) -> dict[str, Any]:
    """Each case in each language."""
    return CASES[request.param](lang)


@pytest.fixture(scope="session")
def cases() -> dict[str, Callable[[str], dict[str, Any]]]:
    """Every case by name, made in a language."""
    return CASES


@pytest.fixture(scope="session")
def contract(repo: Path) -> Draft202012Validator:
    """The JSON Schema of an assessment."""
    text = (repo / "docs/contracts/assessment-1.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))
