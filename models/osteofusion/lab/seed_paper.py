"""The figures of the paper that this station was built after, beside ours, and what may be compared.

Wang and Meng 2026, Progress in Biochemistry and Biophysics, article 20250374. Figures come from its abstract;
those marked (u) were read second-hand and are unverified.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from osteofusion.lab.markdown import interval, number, table

HEAD = ["what", "paper", "ours", "our data", "comparable", "why"]
PAPER_SHARE = 0.405  # cases among the paper's people, from its sensitivity, specificity and accuracy together
PAPER_BRIER = 0.087


def paper_table(found: Mapping[str, Any]) -> str:
    """Every row of the paper's results with our figure beside it, its tier, and whether the two mean the same."""
    return table(HEAD, [*_accuracy(found), *_others(found)])


def constant_brier(share: float) -> float:
    """Brier score of telling everybody the base rate."""
    return share * (1 - share)


def _accuracy(found: Mapping[str, Any]) -> list[list[str]]:
    everybody = found["status"]["by_group"]["everybody 50+"]
    point = found["status"]["operating_points"]["everybody 50+"]["Youden"]["int8"]
    alone = found["status"]["dxa_alone"]
    sites = [alone[site]["auc"] for site in ("fn_t", "th_t", "ls_t") if "auc" in alone[site]]
    simplified = _subset(found, "bmd+turnover+clinical")
    percent = " / ".join(f"{100 * point[name]:.1f}" for name in ("sensitivity", "specificity", "accuracy"))
    return [
        [
            "full model, AUC",
            "0.936 [0.927-0.945]",
            f"without DXA {interval(everybody['auc'])}; with DXA: by rule, no AUC",
            "real",
            "no",
            "bone density defines the label: one T-score alone ranks it with "
            f"{min(sites):.3f} to {max(sites):.3f} here",
        ],
        [
            "sensitivity / specificity / accuracy, %",
            "87.5 / 91.2 / 89.7",
            f"{percent} at Youden's cut, no DXA",
            "real",
            "no",
            f"theirs imply {100 * PAPER_SHARE:.1f} % cases (a case-enriched sample); ours have "
            f"{100 * everybody['observed']:.1f} %",
        ],
        [
            "simplified: bone density, clinical, turnover",
            "0.917 [0.905-0.931]",
            f"fracture heads alone: MOF {number(simplified.get('mof_10y', {}).get('auc'))}, "
            f"hip {number(simplified.get('hip_10y', {}).get('auc'))}",
            "simulated outcome",
            "no",
            "bone density inside; our status answer with bone density is the WHO rule",
        ],
        [
            "DXA alone, AUC",
            "0.889 (u)",
            f"{min(sites):.3f} to {max(sites):.3f}, one site for any-site status",
            "real",
            "no",
            "another label or site: by definition it cannot be that low against its own label",
        ],
    ]


def _others(found: Mapping[str, Any]) -> list[list[str]]:
    everybody = found["status"]["by_group"]["everybody 50+"]
    later = found["status"]["transport"].get("2013-2014", {})
    regression = later.get("logistic regression, taught by 2005-2008", {})
    paper_skill = 1 - PAPER_BRIER / constant_brier(PAPER_SHARE)
    return [
        [
            "calculator, AUC",
            "FRAX 0.842 [0.829-0.855]",
            f"OST {number(everybody.get('rival_auc'))} on the same people; no licensed calculator was run",
            "real",
            "partly",
            "the calculator was built for fracture, not for status; published without bone density it reaches .796 "
            "where OSTA reaches .798 (Fan 2020)",
        ],
        [
            "external validation, AUC",
            "0.918 [0.905-0.931]",
            f"another year (2013-2014), taught by 2005-2008: {interval(regression.get('auc'))} (logistic regression)",
            "real",
            "no",
            "bone density inside theirs; its interval equals that of the simplified model, so one of the two is "
            "probably misprinted",
        ],
        [
            "Brier score",
            f"{PAPER_BRIER} (u)",
            f"{number(everybody['brier'], 4)}; skill {number(everybody['skill'], 2)}",
            "real",
            "only as skill",
            f"at {100 * PAPER_SHARE:.1f} % cases telling everybody the base rate scores "
            f"{constant_brier(PAPER_SHARE):.3f} (their skill {paper_skill:.2f}, bone density inside); at our share it "
            f"scores {constant_brier(everybody['observed']):.3f}",
        ],
        [
            "most important values",
            "BMD, Tb.Sp, CTX, balance, gait speed, RANKL and VDR variants (u)",
            "ranking below: our own assumptions read back",
            "simulated",
            "no",
            "on drawn modalities a ranking is an input, not a finding; gait and turnover markers measured nothing of "
            "bone density in real people",
        ],
        [
            "people",
            "12,856 from several databases",
            f"{found['people']['bone']:,} with bone density, {found['people']['function']:,} with function tests",
            "real rows, drawn modalities",
            "no",
            "no open set holds all six groups on the same people",
        ],
        [
            "subgroups",
            '"robust in sex, age, ethnicity"',
            "tables by sex, age, ancestry and survey year below",
            "real",
            "yes, as a way of reporting",
            "with counts, so that small groups are seen as small",
        ],
    ]


def _subset(found: Mapping[str, Any], known: str) -> Mapping[str, Any]:
    rows: list[Mapping[str, Any]] = [row for row in found["subsets"] if row["known"] == known]
    return rows[0] if rows else {}
