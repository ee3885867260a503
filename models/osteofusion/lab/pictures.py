"""Pictures of the model report, drawn from its figures alone; the same figures give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito 2008: told apart by colour-blind readers too
BLUE, ORANGE, GREEN, PURPLE, GREY, BLACK = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8a8a8a", "#222222"
STYLE: Any = {
    "svg.hashsalt": "osteofusion",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "legend.fontsize": 9,
}
OUTCOME_NAMES = {
    "osteoporosis": "osteoporosis",
    "mof_10y": "major fracture, 10 y",
    "hip_10y": "hip fracture, 10 y",
    "falls_12m": "falling problem",
}
SHORT = {
    "bmd": "bone density",
    "microarchitecture": "microarchitecture",
    "turnover": "laboratory",
    "clinical": "clinical",
    "snp": "genotype",
    "sensor": "gait, balance",
}
TIERS = {"osteoporosis": "R", "mof_10y": "S", "hip_10y": "S", "falls_12m": "R"}

Found = Mapping[str, Any]


def draw_pictures(folder: Path, found: Found) -> list[str]:
    """Write every picture into `folder` and name them."""
    import matplotlib as mpl

    pictures: dict[str, Callable[[Found], Figure]] = {
        "calibration": calibration,
        "roc": roc,
        "decision": decision,
        "subsets": subsets,
        "importance": importance,
        "int8": int8,
        "coverage": coverage,
    }
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE):
        for name, picture in pictures.items():
            picture(found).savefig(
                folder / f"{name}.svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight"
            )
    return [f"{name}.svg" for name in pictures]


def _panels(rows: int, columns: int, width: float, height: float) -> tuple[Figure, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def calibration(found: Found) -> Figure:
    """Predicted against observed by tenths of the forecast; error bars of the observed share."""
    figure, axes = _panels(2, 2, 9.0, 8.2)
    status, falls = found["status"]["calibration"], found["falls"]["calibration"]
    panels = (
        ("women 50+: osteoporosis without DXA (R)", status["women"], 0.65),
        ("men 50+: osteoporosis without DXA (R)", status["men"], 0.2),
        ("40+: falling problem (R)", falls["everybody"], 0.35),
    )
    for axis, (title, both, top) in zip(axes.flat, panels, strict=False):
        _calibrated(axis, both, top)
        axis.set_title(title)
    _generated(axes[1, 1], found["fracture"])
    axes[0, 0].legend(loc="upper left")
    return figure


def _calibrated(axis: Axes, both: Found, top: float) -> None:
    for kind, colour, marker, size in (("float", ORANGE, "s", 9), ("int8", BLUE, "o", 5)):
        bands, fill = both[kind], "none" if kind == "float" else "full"
        x = np.array([band["predicted"] for band in bands])
        y = np.array([band["observed"] for band in bands])
        axis.plot(x, y, marker, color=colour, label=kind, markersize=size, fillstyle=fill)
        if kind == "int8":
            low = y - np.array([band["low"] for band in bands])
            high = np.array([band["high"] for band in bands]) - y
            axis.errorbar(x, y, [low.clip(0), high.clip(0)], fmt="none", color=colour, alpha=0.5)
    _square(axis, top)
    axis.set(xlabel="predicted probability", ylabel="observed share")


def _generated(axis: Axes, fracture: Found) -> None:
    for outcome, colour in (("mof_10y", BLUE), ("hip_10y", ORANGE)):
        tenths = fracture[outcome]["by_tenth"]
        axis.plot(
            [tenth["predicted"] for tenth in tenths],
            [tenth["generated"] for tenth in tenths],
            "o",
            color=colour,
            label=OUTCOME_NAMES[outcome],
        )
    _square(axis, 0.35)
    axis.set(xlabel="predicted probability", ylabel="generated probability")
    axis.set_title("50+: fracture against the generator (S)")
    axis.legend(loc="upper left")


def _square(axis: Axes, top: float) -> None:
    axis.plot([0, top], [0, top], color=GREY, linewidth=1, zorder=0)
    axis.set(xlim=(0, top), ylim=(0, top), aspect="equal")
    axis.locator_params(nbins=5)


def roc(found: Found) -> Figure:
    """Osteoporosis without DXA against OST, by sex."""
    figure, axes = _panels(1, 2, 9.0, 4.6)
    for axis, sex in zip(axes.flat, ("women", "men"), strict=True):
        curves, figures = found["status"]["roc"][sex], found["status"]["by_group"][sex]
        x = curves["false_positive"]
        axis.plot(
            x, curves["OST"], color=GREEN, linestyle="--", label=f"OST {figures.get('rival_auc', 0):.3f}"
        )
        axis.plot(x, curves["int8"], color=BLUE, label=f"network {figures['auc'][0]:.3f}")
        axis.plot([0, 1], [0, 1], color=GREY, linewidth=1)
        axis.set(xlabel="1 - specificity", ylabel="sensitivity", aspect="equal", xlim=(0, 1), ylim=(0, 1))
        axis.set_title(f"{sex} 50+ (R), n {figures['n']:,}, {figures['cases']} cases")
        axis.legend(title="AUC", loc="lower right")
    return figure


def decision(found: Found) -> Figure:
    """Net benefit over the threshold at which one would act."""
    figure, axes = _panels(2, 2, 9.6, 7.6)
    status, fracture = found["status"]["decision"], found["fracture"]
    panels = (
        ("women 50+: send to DXA (R)", status["women"], {"OST": GREEN, "age and sex": PURPLE}),
        ("men 50+: send to DXA (R)", status["men"], {"OST": GREEN, "age and sex": PURPLE}),
        ("40+: falling problem (R)", found["falls"]["decision"]["everybody"], {"age alone": PURPLE}),
        ("50+: major fracture, 10 y (S)", fracture["mof_10y"]["decision"], {"age and sex": PURPLE}),
    )
    for axis, (title, item, others) in zip(axes.flat, panels, strict=True):
        _benefits(axis, item, others)
        axis.set_title(title)
    for axis in axes[:, 0]:
        axis.set_ylabel("net benefit")
    return figure


def _benefits(axis: Axes, item: Found, others: Mapping[str, str]) -> None:
    x, table = item["threshold"], item["net_benefit"]
    axis.plot(x, table["everybody"], color=GREY, linewidth=1, label="everybody")
    axis.axhline(0, color=BLACK, linewidth=1, label="nobody")
    for name, colour in others.items():
        axis.plot(x, table[name], color=colour, linestyle="--", label=name)
    axis.plot(x, table["network"], color=BLUE, linewidth=2, label="network")
    best = max(table["network"][0], table["everybody"][0])
    axis.set(ylim=(-0.15 * best, 1.1 * best), xlabel="threshold probability")
    axis.legend(loc="upper right")


def subsets(found: Found) -> Figure:
    """AUC of the 32 subsets with the clinical group, one row each; dots name the groups that are there."""
    groups = list(SHORT)
    rows = [row for row in found["subsets"] if "clinical" in row["known"].split("+")]
    falls = {row["known"]: row["falls_12m"].get("auc") for row in found["falls_subsets"]}
    outcomes = [name for name in OUTCOME_NAMES if name != "falls_12m"]
    areas = np.array(
        [[row.get(outcome, {}).get("auc", np.nan) for outcome in outcomes] for row in rows], float
    )
    last = np.array([[falls.get(row["known"], np.nan)] for row in rows], float)
    figure, axes = _panels(1, 2, 9.4, 9.6)
    _dots(axes[0, 0], groups, rows)
    names = [
        f"{OUTCOME_NAMES[name]} ({TIERS[name] if name == 'falls_12m' else 'S'})" for name in OUTCOME_NAMES
    ]
    _heat(axes[0, 1], np.hstack([areas, last]), names, defined=["bmd" in row["known"] for row in rows])
    return figure


def _dots(axis: Axes, groups: Sequence[str], rows: Sequence[Found]) -> None:
    for y, row in enumerate(rows):
        known = row["known"].split("+")
        for x, group in enumerate(groups):
            there = group in known
            axis.plot(x, y, "o", color=BLUE if there else "#dddddd", markersize=7)
    axis.set_xticks(range(len(groups)), [SHORT[group] for group in groups], rotation=40, ha="left")
    axis.xaxis.tick_top()
    axis.set(ylim=(len(rows) - 0.5, -0.5), xlim=(-0.5, len(groups) - 0.5))
    axis.set_yticks([])
    for spine in axis.spines.values():
        spine.set_visible(False)
    axis.tick_params(length=0)


def _heat(axis: Axes, areas: np.ndarray, names: Sequence[str], defined: Sequence[bool]) -> None:
    shown = areas.copy()
    shown[np.array(defined), 0] = np.nan  # defined by bone density: no figure of merit
    axis.imshow(shown, cmap="cividis", vmin=0.6, vmax=0.95, aspect="auto")
    for y, x in np.ndindex(areas.shape):
        text = (
            f"{shown[y, x]:.3f}" if np.isfinite(shown[y, x]) else ("by rule" if x == 0 and defined[y] else "")
        )
        colour = "white" if np.isfinite(shown[y, x]) and shown[y, x] < 0.78 else BLACK
        axis.text(x, y, text, ha="center", va="center", fontsize=8, color=colour)
    axis.set_xticks(range(len(names)), names, rotation=40, ha="left")
    axis.xaxis.tick_top()
    axis.set_yticks([])
    axis.tick_params(length=0)
    for spine in axis.spines.values():
        spine.set_visible(False)


def importance(found: Found) -> Figure:
    """Mean |Shapley value| of groups and mean |Owen value| of the ten largest single values."""
    figure, axes = _panels(2, 4, 16.0, 7.6)
    ranking = found["importance"]
    for column, outcome in enumerate(OUTCOME_NAMES):
        _bars(axes[0, column], {SHORT[g]: v for g, v in ranking["groups"][outcome].items()}, BLUE)
        axes[0, column].set_title(f"{OUTCOME_NAMES[outcome]} (S)")
        largest = sorted(ranking["values"][outcome].items(), key=lambda item: (-item[1], item[0]))[:10]
        _bars(axes[1, column], {ranking["labels"][name]: size for name, size in largest}, GREEN)
        axes[1, column].set_xlabel("mean |contribution|, logit")
    return figure


def _bars(axis: Axes, sizes: Mapping[str, float], colour: str) -> None:
    ordered = sorted(sizes.items(), key=lambda item: (item[1], item[0]))
    axis.barh([name for name, _ in ordered], [size for _, size in ordered], color=colour)
    axis.tick_params(axis="y", length=0, labelsize=9)


def int8(found: Found) -> Figure:
    """Probability by the integers against the same by the float weights, people each member has not seen."""
    figure, axes = _panels(1, 4, 13.0, 3.7)
    for axis, outcome in zip(axes.flat, OUTCOME_NAMES, strict=True):
        points = np.array(found["int8"][outcome]["points"])
        axis.plot(points[:, 0], points[:, 1], ".", color=BLUE, markersize=3, alpha=0.5)
        _square(axis, float(np.ceil(points.max() * 20) / 20))
        axis.set_title(f"{OUTCOME_NAMES[outcome]}\np99 |dp| {found['int8'][outcome]['p99_change']:.4f}")
        axis.set(xlabel="float", ylabel="int8")
    return figure


def coverage(found: Found) -> Figure:
    """Share of people whose 90 % set holds their label, by group."""
    outcomes = [name for name in ("osteoporosis", "falls_12m") if name in found["coverage"]]
    figure, axes = _panels(1, max(1, len(outcomes)), 9.6, 4.2)
    for axis, outcome in zip(axes.flat, outcomes, strict=False):
        groups = found["coverage"][outcome]["by_group"]
        names = list(groups)[::-1]
        values = [groups[name]["covered"] for name in names]
        spread = np.array(
            [
                [groups[n]["covered"] - groups[n]["low"], groups[n]["high"] - groups[n]["covered"]]
                for n in names
            ]
        )
        axis.errorbar(values, names, xerr=spread.T.clip(0), fmt="o", color=BLUE)
        axis.axvline(0.9, color=GREY, linewidth=1)
        axis.set(xlim=(0.7, 1.0), xlabel="covered by the 90 % set")
        axis.set_title(f"{OUTCOME_NAMES[outcome]} (R)")
    return figure
