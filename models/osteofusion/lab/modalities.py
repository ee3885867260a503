"""What the survey did not measure, drawn given what it did; bone density itself is never altered.

Notes
-----
Gait speed and walking aid are taken together from a real person of the other table matched on sex, age and BMI
(hot deck), so their joint law stays real; so are foam stance, urine NTx with bone ALP, and bone density for the
people of the function table. Laboratory values and history are imputed (mice.py). Everything else is Gaussian in
the z-scale of features.yaml with the correlations of generator.yaml. Gait and balance are drawn without any look
at bone density: the measured relation is null.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteofusion.encode import standardise, unstandardise
from osteofusion.lab.mice import Imputer
from osteofusion.lab.tables import Rows, Values
from osteofusion.schema import Schema

GAIT_BLOCK = ("gait_speed", "walk_aid")
TURNOVER_BLOCK = ("ntx_cr", "bap")
BONE_BLOCK = ("fn_t", "th_t", "ls_t", "glucocorticoids", "parent_hip_fracture")
NEIGHBOURS = 30
AGE_STEP, BMI_STEP = 3.0, 3.0  # matched within about three years and three kg/m2
YOUNGEST_TIMED = 50.0
MEASURED, IMPUTED, BORROWED, DRAWN = range(4)  # where a value of a completed row comes from; tiers R, S, S, S


class Filler:
    """Completes rows: `values` is a copy that grows, `origin` says where each value came from."""

    def __init__(
        self, schema: Schema, parameters: dict[str, Any], rows: Rows, rng: np.random.Generator
    ) -> None:
        self.schema, self.parameters, self.rng = schema, parameters, rng
        self.rows, self.values = rows, rows.values.copy()
        self.origin = np.full(rows.values.shape, MEASURED, np.uint8)
        self.at = schema.column

    def column(self, name: str) -> Values:
        """The values of one feature, a view."""
        view: Values = self.values[:, self.at[name]]
        return view

    def put(self, name: str, values: Values, origin: int = DRAWN) -> None:
        """Fill the gaps of one feature; measured values stay."""
        column, gap = self.column(name), np.isnan(self.column(name))
        column[:] = np.where(gap, values, column)
        self.origin[gap & ~np.isnan(column), self.at[name]] = origin

    def impute(self, imputer: Imputer) -> None:
        """Laboratory values and history, one draw."""
        filled = imputer.draw(self.values)
        for name in imputer.names:
            self.put(name, filled[:, self.at[name]], IMPUTED)

    def hot_deck(
        self,
        donors: Rows,
        block: tuple[str, ...],
        by_falls: bool = False,
        by_size: bool = True,
        weighted: bool = True,
    ) -> None:
        """Fill the features of `block` together from real people who have all of them (bone: the first)."""
        columns = [self.at[name] for name in block]
        needed = columns[:1] if block == BONE_BLOCK else columns
        have = donors.take(np.flatnonzero(~np.isnan(donors.values[:, needed]).any(axis=1)))
        index = match(
            _key(self.rows.values, self.at, by_size),
            _key(have.values, self.at, by_size),
            have.weight if weighted else np.ones(len(have)),
            self.rng,
            self.rows.falls if by_falls else None,
            have.falls if by_falls else None,
        )
        for name in block:
            self.put(name, have.values[index, self.at[name]], BORROWED)

    def frequencies(self, names: tuple[str, ...]) -> None:
        """Yes-no features where missing: drawn at the frequency of the table."""
        for name in names:
            frequency = np.nanmean(self.column(name))
            self.put(name, (self.rng.random(len(self.rows)) < frequency).astype(float))


def match(
    wanted: Values,
    donors: Values,
    donor_weight: Values,
    rng: np.random.Generator,
    wanted_label: Values | None = None,
    donor_label: Values | None = None,
) -> NDArray[np.int64]:
    """One of the nearest donors of each row, drawn by survey weight; columns: sex, age, BMI; same sex and label."""
    from sklearn.neighbors import NearestNeighbors

    index = np.zeros(len(wanted), np.int64)
    extra_wanted = np.zeros(len(wanted)) if wanted_label is None else np.nan_to_num(wanted_label)
    extra_donor = np.zeros(len(donors)) if donor_label is None else np.nan_to_num(donor_label)
    for sex in (0.0, 1.0):
        for label in np.unique(extra_wanted):
            rows = np.flatnonzero((wanted[:, 0] == sex) & (extra_wanted == label))
            pool = np.flatnonzero((donors[:, 0] == sex) & (extra_donor == label))
            if not len(pool):
                raise ValueError(f"no donor of sex {sex:g} and label {label:g}: the tables are too small")
            near = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(pool))).fit(donors[pool, 1:])
            choice = near.kneighbors(wanted[rows, 1:], return_distance=False)
            share = np.cumsum(donor_weight[pool[choice]], axis=1)
            taken = (rng.random((len(rows), 1)) * share[:, -1:] > share).sum(axis=1)
            index[rows] = pool[choice[np.arange(len(rows)), taken]]
    return index


def _key(values: Values, at: Any, by_size: bool) -> Values:
    height, weight = values[:, at["height"]], values[:, at["weight"]]
    bmi = weight / (height / 100) ** 2
    bmi = np.where(np.isnan(bmi), np.nanmean(bmi), bmi)
    size = bmi / BMI_STEP if by_size else np.zeros_like(bmi)
    return np.column_stack([values[:, at["sex"]], values[:, at["age"]] / AGE_STEP, size])


def complete(
    schema: Schema,
    parameters: dict[str, Any],
    rows: Rows,
    donors: Rows,
    imputer: Imputer,
    rng: np.random.Generator,
) -> Filler:
    """All features of `rows` filled in; `donors` are people of the other table, who lend what it measured."""
    filler = Filler(schema, parameters, rows, rng)
    bone_table = bool(np.isnan(rows.falls).all())
    filler.impute(imputer)
    if bone_table:
        filler.hot_deck(donors, GAIT_BLOCK)
    else:
        filler.hot_deck(donors, BONE_BLOCK)
        filler.hot_deck(rows, GAIT_BLOCK, by_falls=True)
    testers = donors if bone_table else rows
    filler.hot_deck(testers, ("romberg_foam_ec",), by_falls=not bone_table, by_size=False)
    filler.hot_deck(testers, TURNOVER_BLOCK, weighted=False)
    _younger_gait(filler)
    _spine(filler)
    filler.put("hormone_therapy", np.where(filler.column("sex") == 1, 0.0, np.nan))
    filler.frequencies(tuple(f.id for f in schema.inputs if f.kind == "bool" and f.id != "falls_past_year"))
    bone = bone_residual(filler.values, schema)
    _walking_form(filler)
    _grip(filler, bone)
    _markers(filler, bone)
    _genotypes(filler, bone)
    _falls_past_year(filler)
    return filler


def bone_residual(values: Values, schema: Schema) -> Values:
    """Femoral-neck T-score less its mean for sex and age, in SD."""
    at = schema.column
    sex, age, bone = values[:, at["sex"]], values[:, at["age"]], values[:, at["fn_t"]]
    design = np.column_stack([np.ones_like(age), sex, age - 65, (age - 65) * sex, (age - 65) ** 2])
    known = ~np.isnan(bone)
    coefficients = np.linalg.lstsq(design[known], bone[known], rcond=None)[0]
    residual = bone - design @ coefficients
    return np.nan_to_num(residual / np.nanstd(residual))


def _younger_gait(filler: Filler) -> None:
    """People under 50 were not timed: their matched donor is older, so add the slope over age."""
    slope = filler.parameters["gait_below_50"]["m_s_per_year"]
    young = np.isnan(filler.rows.values[:, filler.at["gait_speed"]])
    years = np.minimum(filler.column("age") - YOUNGEST_TIMED, 0.0)
    filler.column("gait_speed")[:] += np.where(young, slope * years, 0.0)


def _spine(filler: Filler) -> None:
    """A spine T-score where the scan was unusable, by regression on hip, sex, age and weight plus residual."""
    at, values = filler.at, filler.values
    known = ~np.isnan(filler.rows.values[:, at["ls_t"]])
    design = np.column_stack(
        [np.ones(len(values)), values[:, [at[n] for n in ("fn_t", "th_t", "sex", "age", "weight")]]]
    )
    target = filler.column("ls_t")
    if (
        known.sum() < 100
    ):  # the function table: its spines came with the donor; the rest from any donor with a spine
        known = ~np.isnan(target)
    coefficients = np.linalg.lstsq(design[known], target[known], rcond=None)[0]
    spread = np.std(target[known] - design[known] @ coefficients)
    filler.put("ls_t", design @ coefficients + spread * filler.rng.standard_normal(len(values)))


def _walking_form(filler: Filler) -> None:
    """Cadence and stride length that multiply to the walking speed."""
    form = filler.parameters["cadence"]
    speed = np.clip(filler.column("gait_speed"), 0.1, 2.0)
    noise = form["log_residual_sd"]["value"] * filler.rng.standard_normal(len(speed))
    cadence = (
        form["at_one_metre_a_second"]["value"] * speed ** form["log_speed_exponent"]["value"] * np.exp(noise)
    )
    filler.put("cadence", np.clip(cadence, 40, 170))
    filler.put("stride_length", np.clip(120 * speed / cadence, 0.15, 2.2))


def _grip(filler: Filler, bone: Values) -> None:
    r = filler.parameters["grip"]["with_bone"]["r"]
    for sex, name in ((0.0, "women"), (1.0, "men")):
        norm = filler.parameters["grip"][name]
        noise = r * bone + np.sqrt(1 - r**2) * filler.rng.standard_normal(len(bone))
        mean = norm["at_65"] + norm["per_decade"] * (filler.column("age") - 65) / 10
        grip = np.clip(mean + norm["sd"] * noise, 4, 75)
        filler.put("grip_one_hand", np.where(filler.column("sex") == sex, grip, np.nan))


def _markers(filler: Filler, bone: Values) -> None:
    """Drawn modalities on the z-scale: given their parents (all after age and sex) and a slope over age."""
    z = standardise(filler.schema, filler.values, 1)
    age, sex = filler.column("age"), filler.column("sex")
    known = {name: _residual(z[:, filler.at[name]], age, sex) for name in ("gait_speed", "ntx_cr", "bap")}
    known["bone"] = bone
    for name, item in filler.parameters["drawn"].items():
        own = known[name] = _given(known, item["given"], filler.rng)
        slope = item.get("per_decade", {"value": 0.0})["value"]
        z[:, filler.at[name]] = np.clip(own + slope * (age - 65) / 10, -3.5, 3.5)
        drawn = unstandardise(filler.schema, z)[:, filler.at[name]]
        low, high = filler.schema.by_id[name].hard or (-np.inf, np.inf)
        filler.put(name, np.clip(drawn, low, high))


def _given(known: dict[str, Values], links: dict[str, Any], rng: np.random.Generator) -> Values:
    """A standard normal with the wanted correlations to its parents, whatever these share among themselves."""
    parents = np.column_stack([known[name] for name in links])
    wanted = np.array([link["r"] for link in links.values()])
    weights = np.linalg.solve(np.corrcoef(parents.T).reshape(len(links), len(links)), wanted)
    rest = np.sqrt(1 - weights @ wanted)
    result: Values = parents @ weights + rest * rng.standard_normal(len(parents))
    return result


def _residual(values: Values, age: Values, sex: Values) -> Values:
    design = np.column_stack([np.ones_like(age), age, sex])
    residual = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    result: Values = residual / residual.std()
    return result


def _genotypes(filler: Filler, bone: Values) -> None:
    """P(genotype | bone) ~ Binomial(2, f) x normal density of bone given the genotype; bone unchanged."""
    dosage = np.arange(3.0)
    for name, item in filler.parameters["snp"].items():
        f, beta = item["frequency"], item["beta"]
        prior = np.array([(1 - f) ** 2, 2 * f * (1 - f), f**2])
        density = prior * np.exp(-0.5 * (bone[:, None] - beta * (dosage - 2 * f)) ** 2)
        cumulative = np.cumsum(density / density.sum(axis=1, keepdims=True), axis=1)
        filler.put(
            name, (filler.rng.random(len(bone))[:, None] > cumulative[:, :2]).sum(axis=1).astype(float)
        )


def _falls_past_year(filler: Filler) -> None:
    """A fall in the past year: given the real label at a published odds ratio, else given gait."""
    item = filler.parameters["falls_past_year"]
    prevalence, ratio = item["prevalence"]["value"], item["odds_ratio_given_falling_problem"]["value"]
    log_odds = np.log(prevalence / (1 - prevalence)) * np.ones(len(filler.rows))
    label = filler.rows.falls
    gait = standardise(filler.schema, filler.values, 1)[:, filler.at["gait_speed"]]
    slower = -_residual(gait, filler.column("age"), filler.column("sex"))
    log_odds += np.where(
        np.isnan(label),
        item["log_odds_per_sd_slower_gait"]["value"] * slower,
        np.log(ratio) * np.nan_to_num(label),
    )
    filler.put("falls_past_year", (filler.rng.random(len(label)) < 1 / (1 + np.exp(-log_odds))).astype(float))
