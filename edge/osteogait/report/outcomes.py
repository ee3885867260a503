"""Results, bone status and reasons, for the clinician."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from osteogait.report.data import BoneStatus, Fact, ReasonRow, Reasons, ResultRow
from osteogait.report.document import KINDS, OUTCOMES, Document, Risk
from osteogait.report.language import Language
from osteogait.report.pictures import axis_for, bar, interval_picture, t_picture
from osteogait.report.quantities import interval_text, percent_text, plain, score, signed
from osteogait.report.values import said

if TYPE_CHECKING:
    from osteofusion.schema import Group, Schema

LARGEST = 3  # single values named under the bars
PRINTS_AS_ZERO = 0.005  # log-odds
T_SCORES = {"fn_t": "fn", "th_t": "th", "ls_t": "ls", "radius33_t": "radius33"}
COUNTRY_REMARKS = ("country_scaled", "equations_home_country")
TRACE = ("clinical", "sensor", "turnover", "snp", "microarchitecture", "bmd")  # as the estimate was built up
Z_RULES = "iscd2019"
Z_STATUSES = ("below_expected_for_age", "within_expected_for_age")


def result_axis(document: Document) -> tuple[int, ...]:
    """One axis in percent for all outcomes; empty when there is no number."""
    tops = [_top(risk) for outcome in OUTCOMES if (risk := document.risk(outcome)) is not None]
    return axis_for(max(tops)) if tops else ()


def _top(risk: Risk) -> float:
    return risk.probability if risk.interval is None else risk.interval[1]


def result_rows(document: Document, axis: tuple[int, ...], language: Language) -> tuple[ResultRow, ...]:
    """A row an outcome."""
    return tuple(_row(document, outcome, axis, language) for outcome in OUTCOMES)


def result_notes(document: Document, language: Language) -> tuple[str, ...]:
    """What a reader of the results must know."""
    answered = [outcome for outcome in OUTCOMES if document.risk(outcome) is not None]
    if not answered:
        return ()
    told = [flag["message"] for flag in document.content["flags"] if flag["code"] in COUNTRY_REMARKS]
    notes = [language.both(language.text(f"clinic.{key}_note") for key in ("interval", "calibration"))]
    if "falls_12m" in answered:
        notes.append(language.text("falls_note"))
    return (*notes, *told)


def _row(document: Document, outcome: str, axis: tuple[int, ...], language: Language) -> ResultRow:
    name = language.text(f"clinic.outcomes.{outcome}")
    basis = _basis(document, outcome, language)
    risk = document.risk(outcome)
    if risk is None:
        key = "clinic.no_number"
        result = status_words(document, language) if outcome == "osteoporosis" else language.text(key)
        return ResultRow(name, result, "", basis, None)
    result = percent_text(risk.probability)
    if risk.interval is None:
        return ResultRow(name, result, "", basis, None)
    picture = interval_picture(risk.probability, risk.interval, axis)
    return ResultRow(name, result, interval_text(risk.interval, language), basis, picture)


def _basis(document: Document, outcome: str, language: Language) -> str:
    """Where the answer comes from: rule, model, data tier."""
    parts = []
    if outcome == "osteoporosis":
        parts.append(language.text(f"clinic.basis_words.{_basis_key(document)}"))
    if document.risk(outcome) is not None:
        method = document.bone.get("method") if outcome == "osteoporosis" else None
        if method == "equations":  # fitted on measured people, not by the network that has the tier
            parts.append(language.text("clinic.methods.equations"))
        else:
            tier = document.content["model"]["data_tier"][outcome]
            parts.append(language.text(f"clinic.tiers.{KINDS[outcome]}.{tier}"))
    return language.series(parts) if parts else language.text("clinic.no_reasons")


def _basis_key(document: Document) -> str:
    if document.partial:
        return "partial"
    if document.status in Z_STATUSES:
        return "z_rule"
    return "none" if document.status == "not_assessed" else str(document.bone["basis"])


def status_words(document: Document, language: Language) -> str:
    """The status as a clinician names it."""
    if document.partial:
        measured = document.bone.get("measured_status") or "not_assessed"
        return language.text("clinic.status.partial", status=language.text(f"clinic.status.{measured}"))
    return language.text(f"clinic.status.{document.status}")


def bone_status(document: Document, language: Language) -> BoneStatus:
    """The status, the rule behind it, the scores it looked at, OSTA where the model answers."""
    facts = [
        Fact(language.text("clinic.rule_set"), language.either("clinic.rule_sets", document.bone["rule_set"]))
    ]
    facts += _decided_by(document, language)
    by_model = document.bone["basis"] == "model"
    facts += [fact for name, fact in other_tools(document, language).items() if by_model or name == "frax"]
    notes = []
    if document.bone.get("at_threshold"):
        notes.append(language.text("clinic.at_threshold"))
    if document.estimated:
        notes.append(language.text("no_dxa"))
    scores = _t_scores(document, language)
    picture = t_picture(scores) if scores and document.bone["rule_set"] != Z_RULES else None
    return BoneStatus(status_words(document, language), tuple(facts), tuple(notes), picture)


def _decided_by(document: Document, language: Language) -> list[Fact]:
    """The scores and fractures that the rule looked at."""
    facts = []
    site = document.bone.get("site")
    if site:
        words = [language.either("clinic.sites", site), _score(document, site, language)]
        facts.append(Fact(language.text("clinic.lowest"), language.text("comma").join(words)))
    fractures = document.values.get("fragility_fracture_sites")
    if fractures is not None:
        named = [language.either("choices", place) for place in fractures["value"]]
        facts.append(Fact(language.text("clinic.fragility"), language.listed(named)))
    if document.bone["basis"] != "none":
        measured = [
            language.either("clinic.sites", name) for name in document.bone.get("sites_measured") or ()
        ]
        none = language.text("clinic.none_measured")
        facts.append(Fact(language.text("clinic.sites_measured"), language.listed(measured) or none))
    return facts


def _score(document: Document, site: str, language: Language) -> str:
    """The T-score of the status, or the Z-score where the Z rule speaks."""
    t_score = document.bone.get("t_score")
    if t_score is not None:
        return language.text("clinic.t_score", score=score(t_score, language))
    return language.text("clinic.z_score", score=score(document.values[f"{site}_z"]["value"], language))


def other_tools(document: Document, language: Language) -> dict[str, Fact]:
    """What other tools say, named as theirs: by a published rule, or typed in (FRAX)."""
    held = document.content.get("tools") or {}
    words: Mapping[str, Callable[[Mapping[str, Any], Language, str], str]] = {
        "osta": osta_words,
        "orai": points_words,
        "score": points_words,
        "frax": frax_words,
    }
    return {
        name: Fact(language.text(f"clinic.{name}.name"), said(held[name], language, name))
        for name, said in words.items()
        if held.get(name)
    }


def osta_words(osta: Mapping[str, Any], language: Language, name: str) -> str:
    """Score and class, with the rule they come from."""
    risk_class = language.text(f"clinic.{name}.class.{osta['class']}")
    return language.text(f"clinic.{name}.words", score=plain(osta["score"], language), risk=risk_class)


def points_words(points: Mapping[str, Any], language: Language, name: str) -> str:
    """The points, all that they may be where an answer is missing, and whether a bone density is advised."""
    low, high = plain(points["low"], language), plain(points["high"], language)
    shown = low if low == high else language.text("clinic.points.range", low=low, high=high)
    advice = {True: "yes", False: "no", None: "open"}[points["refer"]]
    said = language.text(f"clinic.points.{advice}", limit=points["limit"])
    return language.text(f"clinic.{name}.words", points=shown, advice=said)


def frax_words(frax: Mapping[str, Any], language: Language, name: str) -> str:
    """What the clinician typed in, never ours."""
    found = [
        language.text(f"clinic.{name}.{key}", percent=plain(frax[key], language))
        for key in ("mof_percent", "hip_percent")
        if frax[key] is not None
    ]
    bone = language.text(f"clinic.{name}.{'with' if frax['with_bmd'] else 'without'}_bmd")
    numbers = language.text("comma").join(found)
    return language.text(f"clinic.{name}.all", numbers=numbers, country=frax["country"], bone=bone)


def _t_scores(document: Document, language: Language) -> dict[str, tuple[float, str]]:
    held = {name: document.values[name]["value"] for name in T_SCORES if name in document.values}
    return {
        language.text(f"clinic.sites.{T_SCORES[name]}"): (value, score(value, language))
        for name, value in held.items()
    }


def reasons(document: Document, schema: Schema, language: Language) -> Reasons | None:
    """What moved each estimate, all outcomes on one scale; none for an outcome that a rule decided."""
    held = document.content["contributions"]
    shown = [name for name in OUTCOMES if name in held and document.risk(name) is not None]
    by_equations = document.bone.get("method") == "equations"
    if by_equations:  # the network did not give that number, so its reasons are not the reasons
        shown.remove("osteoporosis")
    if not shown:
        return None
    logits = {name: {item["group"]: item["logit"] for item in held[name]["groups"]} for name in shown}
    scale = max(abs(logit) for groups in logits.values() for logit in groups.values())
    absent = {item["group"] for item in document.content["missing"] if item["whole_group"]}
    traces = {name: _trace(held[name]) for name in shown}
    rows = []
    for group in _in_order(schema):
        given = group.id not in absent
        moved = [logits[name].get(group.id, 0.0) for name in shown]
        bars = tuple(bar(_moved(logit, given, language), logit, scale, given=given) for logit in moved)
        after = tuple(traces[name].get(group.id, "") if given else "" for name in shown)
        rows.append(ReasonRow(group.label[language.code], bars, after))
    outcomes = tuple(language.text(f"clinic.outcomes.{name}") for name in shown)
    largest = tuple(_largest(held[name]["features"], document, schema, language) for name in shown)
    note = language.text("clinic.equations_note") if by_equations else ""
    return Reasons(outcomes, tuple(rows), largest, note)


def _in_order(schema: Schema) -> list[Group]:
    """Groups in the order in which the estimate was built up, so that its steps read downwards."""
    place = {name: number for number, name in enumerate(TRACE)}
    return sorted(schema.groups, key=lambda group: place.get(group.id, len(place)))


def _trace(reasons: Mapping[str, Any]) -> dict[str, str]:
    """The estimate in percent once a group and those before it were known."""
    return {step["group"]: percent_text(step["probability"]) for step in reasons.get("trace", ())}


def _moved(logit: float, given: bool, language: Language) -> str:
    return signed(logit, language) if given else language.text("clinic.not_given")


def _largest(
    features: list[Mapping[str, Any]], document: Document, schema: Schema, language: Language
) -> tuple[Fact, ...]:
    moved = [feature for feature in features if abs(feature["logit"]) >= PRINTS_AS_ZERO]
    moved.sort(key=lambda feature: -abs(feature["logit"]))
    return tuple(
        Fact(
            said(schema.by_id[feature["feature"]], document.values, language),
            signed(feature["logit"], language),
        )
        for feature in moved[:LARGEST]
    )
