"""Survey tables (NHANES, public domain) as rows of the feature list: what was really measured, real labels."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteofusion.schema import Schema

BONE_TABLES = ("nhanes_bmd_2005_2010.csv", "nhanes_frax_vfa_2013_2014.csv")
FUNCTION_TABLES = ("nhanes_function_btm_1999_2000_2003_2004.csv",)

# feature -> column, for values that need no arithmetic (stored unit and column unit agree)
PLAIN = {
    "age": "age",
    "height": "height_cm",
    "weight": "weight_kg",
    "fn_t": "t_fn",
    "th_t": "t_th",
    "ls_t": "t_ls",
    "bap": "bap_ug_l",
    "ntx_cr": "ntx_cr_nmol_mmol",
    "vit_d25oh": "vit_d25oh_nmol_l",
    "pth": "pth_pg_ml",
    "alp": "alp_u_l",
    "calcium": "calcium_mmol_l",
    "phosphate": "phosphate_mmol_l",
    "albumin": "albumin_g_l",
    "creatinine": "creatinine_umol_l",
    "current_smoking": "smoke_current",
    "glucocorticoids": "gc_ever_daily_month",
    "rheumatoid_arthritis": "rheumatoid_arthritis",
    "diabetes_type2": "diabetes",
    "copd": "copd_bronchitis",
    "stroke": "stroke",
    "cancer": "cancer",
    "hormone_therapy": "hormone_ever",
    "gait_speed": "gait_speed_m_s",
    "romberg_foam_ec": "romberg_c4_pass",
    "walk_aid": "walk_device",
}
PRIOR_FRACTURE = ("fx_hip", "fx_wrist", "fx_spine")
PARENT_FRACTURE = ("mother_hip_fx", "father_hip_fx")
DRINKS_A_DAY = 3.0  # "three or more units a day"
TOP_CODE = {
    "1999-2000": 85,
    "2003-2004": 85,
    "2005-2006": 85,
    "2007-2008": 80,
    "2009-2010": 80,
    "2013-2014": 80,
}

ANCESTRIES = ("nh_white", "nh_black", "mexican_american", "other_hispanic", "nh_asian", "other")

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rows:
    """People of the survey: `values` (n, F) in stored units with NaN where nothing was measured.

    `osteoporosis` and `falls` are the real labels (NaN where the table has none), `weight` the examination
    """

    seqn: NDArray[np.int64]
    values: Values
    osteoporosis: Values
    falls: Values
    weight: Values
    asian: Flags
    top_coded: Flags
    cycle: NDArray[np.int64]
    ancestry: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of people."""
        return len(self.seqn)

    def take(self, index: NDArray[np.int64]) -> Rows:
        """The rows at `index`, in that order, repeats allowed."""
        return Rows(*(getattr(self, name)[index] for name in self.__slots__))

    def with_values(self, values: Values) -> Rows:
        """The same people with other `values`."""
        return Rows(**(self.arrays() | {"values": values}))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Every column by its name."""
        return {name: getattr(self, name) for name in self.__slots__}


def read_bone_rows(folder: Path, schema: Schema) -> Rows:
    """People with bone density: label = lowest valid T-score of neck, hip and spine <= -2.5."""
    return _join([_rows(folder / name, schema) for name in BONE_TABLES])


def read_function_rows(folder: Path, schema: Schema) -> Rows:
    """People with a gait or balance test: label = a falling problem in the past twelve months."""
    return _join([_rows(folder / name, schema) for name in FUNCTION_TABLES])


def _rows(path: Path, schema: Schema) -> Rows:
    with path.open(newline="", encoding="utf-8") as file:
        records = list(csv.DictReader(file))
    column = {
        name: _numbers(records, name) for name in records[0] if name not in ("sex", "cycle", "race_eth")
    }
    known = {key: column[name] for key, name in PLAIN.items() if name in column}
    known["sex"] = np.array([float(record["sex"] == "M") for record in records])
    known["black_ancestry"] = np.array([float(record["race_eth"] == "nh_black") for record in records])
    known["prior_fracture"] = _any([column[name] for name in PRIOR_FRACTURE])
    if all(name in column for name in PARENT_FRACTURE):
        known["parent_hip_fracture"] = _any([column[name] for name in PARENT_FRACTURE])
    drinks = column["drinks_per_day"]
    known["alcohol_3_units"] = np.where(np.isnan(drinks), np.nan, drinks >= DRINKS_A_DAY)
    if "grip_combined_kg" in column:
        known["grip_one_hand"] = column["grip_combined_kg"] / 2
    empty = np.full(len(records), np.nan)
    top_code = np.array([TOP_CODE[record["cycle"]] for record in records])
    return Rows(
        seqn=column["seqn"].astype(np.int64),
        values=np.column_stack([known.get(feature.id, empty) for feature in schema.inputs]),
        osteoporosis=column.get("osteoporosis_who", empty),
        falls=column.get("fall_problem_12m", empty),
        weight=column["wt_mec"],
        asian=np.array([record["race_eth"] == "nh_asian" for record in records]),
        top_coded=column["age"] >= top_code,
        cycle=np.array([int(record["cycle"][:4]) for record in records]),
        ancestry=np.array([ANCESTRIES.index(record["race_eth"]) for record in records]),
    )


def _numbers(records: Sequence[dict[str, str]], name: str) -> Values:
    return np.array([float(record[name]) if record[name] else np.nan for record in records])


def _any(columns: list[Values]) -> Values:
    table = np.column_stack(columns)
    highest = np.max(np.where(np.isnan(table), -1.0, table), axis=1)
    return np.where(highest < 0, np.nan, highest)


def _join(parts: list[Rows]) -> Rows:
    return Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in Rows.__slots__))


def five_folds(seqn: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Fold 0..4 of each person; all rows of one person share a fold."""
    people = np.unique(seqn)
    fold = np.random.default_rng(seed).permutation(len(people)) % 5
    return fold[np.searchsorted(people, seqn)].astype(np.int64)
