"""The cohort report as Markdown: every anchor with its verdict, where each number comes from, what it cannot say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files
from string import Template
from typing import Any

from osteofusion.lab.cohort import Cohort
from osteofusion.lab.generator import COPIES, MEMBERS
from osteofusion.lab.provenance import STATUS, parameters_of

FORM = "form of the UK table"
Item = dict[str, Any]


def render(cohort: Cohort) -> str:
    """The whole page; `cohort.facts` holds what the stage found."""
    facts = cohort.facts
    anchors: list[Item] = facts["anchors"]
    held = [item for item in anchors if item["measure"] != "told"]
    missed = [item for item in held if not item["met"]]
    text = files("osteofusion.lab").joinpath("cohort_report.md").read_text(encoding="utf-8")
    return Template(text).substitute(
        people=f"{facts['people']['bone'] + facts['people']['function']:,}",
        bone=f"{facts['people']['bone']:,}",
        function=f"{facts['people']['function']:,}",
        members=MEMBERS,
        copies=COPIES,
        seed=facts["seed"],
        held=len(held),
        met=len(held) - len(missed),
        told=len(anchors) - len(held),
        missed=_missed(missed),
        anchors="\n\n".join(_family(name, items) for name, items in _families(anchors).items()),
        extremes=_extremes(facts["extremes"]),
        **_disagreements(anchors),
        country=_country(facts["countries"]["CN"]),
        imputation=_imputation(facts["imputation"]),
        origins=_origins(facts["origins"]),
        parameters=_parameters(cohort),
        sources=_sources(cohort.parameters["sources"]),
        unverified=len(facts["unverified"]),
    )


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table."""
    lines = [" | ".join(head), " | ".join("---" for _ in head)]
    lines += [" | ".join(str(cell) for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def _families(anchors: Iterable[Item]) -> dict[str, list[Item]]:
    result: dict[str, list[Item]] = {}
    for item in anchors:
        result.setdefault(item["family"], []).append(item)
    return result


def _family(name: str, items: list[Item]) -> str:
    title = f"### {name[:1].upper()}{name[1:]}\n\n"
    if name == FORM:
        return title + _form(items)
    head = ("cell", "published", "regenerated", "apart", "allowed", "verdict", "source")
    return title + table(head, (_row(item) for item in items))


def _row(item: Item) -> tuple[str, ...]:
    points = item["measure"] == "points" or (item["measure"] == "told" and not item["published"])
    apart = f"{item['deviation']:+.3f}" if points else f"{100 * item['deviation']:+.1f} %"
    allowed = f"{item['tolerance']:g}" if points else f"{100 * item['tolerance']:g} %"
    told = item["measure"] == "told"
    return (
        item["cell"],
        f"{item['published']:.4g}",
        f"{item['regenerated']:.4g}",
        apart,
        "-" if told else allowed,
        "told" if told else ("met" if item["met"] else "**drifted**"),
        f"{item['source']} ({item['status']})",
    )


def _form(items: list[Item]) -> str:
    """One line an age: published / regenerated after the one scale, in per cent; a cell that drifted is bold."""
    lines: dict[str, dict[str, str]] = {}
    for item in items:
        line, t_score = item["cell"].rsplit(" T ", 1)
        pair = f"{item['published']:g} / {item['regenerated']:.2f}"
        lines.setdefault(line, {})[t_score] = pair if item["met"] else f"**{pair}**"
    columns = list(next(iter(lines.values())))
    worst = max(items, key=lambda item: abs(item["deviation"]))
    words = (
        f"Published / regenerated, per cent, after one scale per sex and outcome; allowed 25 %, beyond the rounding of "
        f"the table. Furthest apart: {worst['cell']} ({100 * worst['deviation']:+.0f} % of the logarithm). Source: "
        f"{worst['source']} ({worst['status']}).\n\n"
    )
    rows = ([line, *(cells[t] for t in columns)] for line, cells in lines.items())
    return words + table(("", *(f"T {t}" for t in columns)), rows)


def _missed(missed: list[Item]) -> str:
    if not missed:
        return "No anchor drifted."
    return "Drifted: " + "; ".join(f"{item['family']}, {item['cell']}" for item in missed) + "."


def _extremes(rows: list[Item]) -> str:
    columns = ("women none", "women all", "men none", "men all")
    head = (
        "age",
        "T-score",
        *(f"{name.replace('none', 'no factor').replace('all', 'every factor')}" for name in columns),
    )
    return table(
        head,
        (
            (row["age"], f"{row['t']:g}", *(f"{row[name][0]:g} / {row[name][1]:g}" for name in columns))
            for row in rows
        ),
    )


def _disagreements(anchors: list[Item]) -> dict[str, str]:
    """Regenerated figures for the paragraphs on sources that cannot all hold."""
    found = {(item["family"], item["cell"]): item["regenerated"] for item in anchors}
    odds = "null: odds ratio of osteoporosis per SD"
    late = next(
        item for item in anchors if item["family"].startswith("CN: hip") and item["cell"].startswith("65")
    )
    wanted = {
        "prior_all": ("marginal hazard ratio", "hip prior_fracture"),
        "prior_60": ("single risk factor without bone density", "hip prior_fracture at 60-70"),
        "bone_80": ("gradient of bone density", "hip at 80"),
        "fifties_all": ("mean US probability, all people", "hip women 50s"),
        "fifties_same": ("mean US probability, the same people", "hip women 50s"),
        "eighties": ("mean US probability, all people", "hip women 80+"),
        "gait_alone": (
            odds,
            "gait_speed, given age and sex alone: gait knows body mass, and body mass knows bone",
        ),
        "gait_size": (odds, "gait_speed, given age, sex and body size"),
        "china_late": (late["family"], late["cell"]),
    }
    return {name: f"{found[key]:.3g}" for name, key in wanted.items()} | {
        "china_most": late["cell"].split("at most ")[1].split()[0]
    }


def _country(item: Item) -> str:
    shifts = ", ".join(f"{name} {item[f'{name}_shift']:+.2f}" for name in ("hip", "other", "osteoporosis"))
    alone = item["hip_shift_of_each_sex"]
    return (
        f"Shifts in logits: {shifts}. The hip alone would need {alone['women']:+.2f} in women and "
        f"{alone['men']:+.2f} in men; one number serves both. Age structure: {item['age_structure']}. "
        f"Sources: {', '.join(item['source'])}."
    )


def _imputation(item: Item) -> str:
    runs = table(
        ("imputed laboratory values shifted by", "AUC", "Brier"),
        (
            (f"{run['imputed_laboratory_values_shifted_by_sd']:+.1f} SD", run["auc"], run["brier"])
            for run in item["runs"]
        ),
    )
    pooled = table(
        ("value (per SD of features.yaml)", "log odds", "standard error", "share of information missing"),
        ((row["name"], row["log_odds"], row["se"], row["missing"]) for row in item["coefficients"]),
    )
    return f"{runs}\n\n{pooled}"


def _origins(found: dict[str, dict[str, float]]) -> str:
    kinds = list(next(iter(found.values())))
    return table(
        ("value", *kinds),
        ((name, *(f"{100 * shares[kind]:.0f} %" for kind in kinds)) for name, shares in found.items()),
    )


def _parameters(cohort: Cohort) -> str:
    rows = ((item.name, item.value, item.source, item.status) for item in parameters_of(cohort.parameters))
    return table(("parameter", "value", "source", "status"), rows)


def _sources(sources: dict[str, str]) -> str:
    letters = "\n".join(f"- **{letter}**: {words}" for letter, words in STATUS.items())
    return letters + "\n\n" + table(("key", "source"), sources.items())
