"""Tables of report and card beside those of fracture: strangers, rivals, subsets, rounding, anchors, countries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from osteofusion.lab.markdown import NOTHING, interval, number, table

Found = Mapping[str, Any]
SITE_NAMES = {"fn_t": "femoral neck", "th_t": "total hip", "ls_t": "lumbar spine"}


def strangers_table(found: Found) -> str:
    """What five members together say of people none of them has seen; a sentence when that was not rehearsed."""
    if not found:
        return "Five members together, on people none of them has seen: not rehearsed in this work folder."
    head = [
        "people",
        "outcome",
        "n",
        "cases",
        "AUC [95 %]",
        "AUC OST or age",
        "slope",
        "in the large",
        "mean p",
    ]
    rows = []
    for people, items in found.items():
        for name, item in items.items():
            rows.append(
                [
                    people,
                    name,
                    f"{item['n']:,}",
                    str(item["cases"]),
                    interval(item.get("auc")),
                    number(item.get("rival_auc")),
                    number(item.get("slope"), 2),
                    number(item.get("in_the_large"), 2),
                    number(item.get("mean_predicted")),
                    number(item.get("observed")),
                    number(item.get("brier"), 4),
                    number(item.get("skill")),
                ]
            )
    return table([*head, "observed", "Brier", "skill"], rows)


def rivals_table(found: Found) -> str:
    """The network beside others on the same people and folds."""
    head = ["people", "who answers", "n", "cases", "AUC [95 %]", "AUC float", "slope", "Brier", "skill"]
    rows = []
    for people, items in found.items():
        for name, item in items.items():
            area = item.get("auc")
            rows.append(
                [
                    people,
                    name,
                    f"{item['n']:,}",
                    str(item["cases"]),
                    interval(area) if isinstance(area, list) else number(area),
                    number(item["float"]["auc"][0]) if "float" in item else NOTHING,
                    number(item.get("slope"), 2),
                    number(item.get("brier"), 4),
                    number(item.get("skill")),
                ]
            )
    return table(head, rows)


def scores_table(found: Found) -> str:
    """Published scores by sex and label."""
    head = ["sex", "score", "source", "label", "n", "cases", "AUC", "refer", "sensitivity", "specificity"]
    rows = [
        [
            sex,
            name,
            item["citation"],
            label,
            f"{item[label]['n']:,}",
            str(item[label]["cases"]),
            number(item[label].get("auc")),
            item["cut_off"],
            number(item[label].get("sensitivity")),
            number(item[label].get("specificity")),
        ]
        for sex, tools in found.items()
        for name, item in tools.items()
        for label in ("any site", "femoral neck")
    ]
    return table(head, rows)


def alone_table(found: Found) -> str:
    """One T-score against the label that it helps to define."""
    head = ["known", "n", "cases", "AUC", "sensitivity of T <= -2.5", "specificity"]
    rows = [
        [
            SITE_NAMES.get(name, name),
            f"{item['n']:,}",
            str(item["cases"]),
            number(item.get("auc")),
            number(item.get("sensitivity")),
            number(item.get("specificity")),
        ]
        for name, item in found.items()
    ]
    return table(head, rows)


def subset_table(rows: Sequence[Found], outcomes: Sequence[str]) -> str:
    """AUC of integers and float weights, p99 of the change, by subset and outcome."""
    head = ["known", *(f"{o} {w}" for o in outcomes for w in ("int8", "float", "p99 change"))]
    lines = []
    for row in rows:
        line = [row["known"]]
        defined = "bmd" in row["known"].split("+")
        for outcome in outcomes:
            item = row.get(outcome, {})
            rule = outcome == "osteoporosis" and defined
            line += (
                ["by rule", "by rule"] if rule else [number(item.get("auc")), number(item.get("auc_float"))]
            )
            line.append(number(item.get("p99_change"), 4))
        lines.append(line)
    return table(head, lines)


def worst_of_subsets(rows: Sequence[Found]) -> dict[str, float]:
    """Largest loss by rounding over all subsets and outcomes."""
    items = [row[outcome] for row in rows for outcome in row if outcome != "known" and "auc" in row[outcome]]
    return {
        "auc": max(item["auc_float"] - item["auc"] for item in items),
        "brier": max(item["brier_loss"] for item in items),
        "change": max(item["p99_change"] for item in items),
    }


def importance_note(found: Found) -> str:
    """How the ranking was made and what it is not."""
    return (
        "Mean size of the exact Shapley value of each group and of the Owen value of each single value, in logits, "
        f"over {found['people']} completed people, by the model that ships. **Their drawn values and generated "
        "outcomes come from our own assumptions, so the ranking of the fracture heads reads those assumptions back; it "
        "is no finding about people.** A bar says what a value added to what was known, never a cause."
    )


def rounding_table(found: Found) -> str:
    """How far the integers move a probability, one member."""
    head = ["outcome", "n", "median change of p", "p99", "largest"]
    rows = [
        [
            name,
            f"{item['n']:,}",
            *(number(item[key], 4) for key in ("p50_change", "p99_change", "max_change")),
        ]
        for name, item in found.items()
    ]
    return table(head, rows)


def null_table(found: Found) -> str:
    """Nulls with figure and bound."""
    rows = []
    for name, item in found.items():
        around = f" [{item['interval'][0]:.2f}-{item['interval'][1]:.2f}]" if "interval" in item else ""
        rows.append(
            [name, f"{item['figure']:g}{around}", item["bound"], "yes" if item["holds"] else "**no**"]
        )
    return table(["null", "found", "bound", "holds"], rows)


def coverage_text(found: Found) -> str:
    """Coverage of the 90 % sets by group; a sentence when the bundle stores none."""
    if not found:
        return "This bundle stores no conformal quantiles."
    rows = [
        [outcome, name, f"{item['n']:,}", number(item["covered"]), number(item["single"])]
        for outcome, groups in found.items()
        for name, item in groups["by_group"].items()
    ]
    text = table(["outcome", "people", "n", "covered by the 90 % set", "sets with one answer"], rows)
    return text + "\n\n![Coverage](img/model/coverage.svg)"


def anchors_text(cohort: Found | None) -> str:
    """How many published anchors the generator meets, and each one that it misses."""
    anchors = (cohort or {}).get("anchors")
    if not anchors:
        return "The work folder holds no anchor comparison."
    judged = [anchor for anchor in anchors if anchor.get("measure") != "told"]
    missed = [anchor for anchor in judged if not anchor["met"]]
    text = f"{len(judged) - len(missed)} of {len(judged)} anchors met (docs/cohort-report.md lists all)."
    if missed:
        head = ["family", "cell", "published", "regenerated", "tolerance"]
        text += "\n\n" + table(head, [[str(anchor.get(name, NOTHING)) for name in head] for anchor in missed])
    return text


def countries_text(metadata: Found) -> str:
    """The shift of each country's levels, and how well its published figures are met with it."""
    countries = metadata.get("countries")
    if not countries:
        return "Levels are those of the United States; no other country's scale is in the bundle."
    head = ["country", "status", "shift of hip logits", "of other major", "of osteoporosis", "anchors met"]
    rows = [
        [
            code,
            str(item["status"]),
            *(number(item[name]) for name in ("hip_shift", "other_shift", "osteoporosis_shift")),
            _met(item["anchors"]),
        ]
        for code, item in countries.items()
    ]
    sources = "; ".join(f"{code}: {', '.join(item['source'])}" for code, item in countries.items())
    return f"{table(head, rows)}\n\nSource keys (generator.yaml) of {sources}."


def _met(anchors: Sequence[Found]) -> str:
    judged = [anchor for anchor in anchors if anchor.get("measure") != "told"]
    return f"{sum(bool(anchor['met']) for anchor in judged)} of {len(judged)}" if judged else NOTHING


def asian_text(groups: Found) -> str:
    """How many Asian people were judged."""
    item = groups.get("Asian, not Hispanic", {})
    return f"Asian people (not Hispanic) here number {item.get('n', 0)}, with {item.get('cases', 0)} cases"


def sensitivity_table(found: Found) -> str:
    """What changes when the imputed laboratory values are not missing at random but shifted."""
    head = ["imputed laboratory values shifted by, SD", "AUC", "Brier"]
    rows = [
        [
            f"{run['imputed_laboratory_values_shifted_by_sd']:+g}",
            number(run["auc"], 4),
            number(run["brier"], 5),
        ]
        for run in found["runs"]
    ]
    return table(head, rows)
