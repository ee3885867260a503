"""An assessment without its genotypes: what may be shown and sent once their consent was taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

GENOTYPE = "rs"
"""Variables of genotypes are named by their dbSNP number."""
OF_GENOTYPES = frozenset({"value_not_counted"})
"""Remarks that repeat the letters of a genotype."""


def is_genotype(variable: str) -> bool:
    """Whether a variable is a genotype."""
    return variable.startswith(GENOTYPE) and variable.removeprefix(GENOTYPE).isdigit()


def rests_on_genotypes(assessment: Mapping[str, Any]) -> bool:
    """Whether genotypes stand anywhere in it."""
    return any(is_genotype(name) for name in assessment["values"]) or any(
        flag["code"] in OF_GENOTYPES for flag in assessment["flags"]
    )


def without_genotypes(assessment: Mapping[str, Any]) -> dict[str, Any]:
    """The same without values, single contributions and remarks of genotypes; the answers stay as they were."""
    contributions = {
        outcome: {**held, "features": [part for part in held["features"] if not is_genotype(part["feature"])]}
        for outcome, held in assessment["contributions"].items()
    }
    values = {name: held for name, held in assessment["values"].items() if not is_genotype(name)}
    flags = [flag for flag in assessment["flags"] if flag["code"] not in OF_GENOTYPES]
    return {**assessment, "values": values, "contributions": contributions, "flags": flags}
