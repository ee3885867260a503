"""Which values are typed in, in which order, and how a field of the form shows each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from osteogait.web.clinician.typed_genotype import genotypes_of, is_counted
from osteogait.web.clinician.variable_names import variable_name
from osteogait.web.language import N_

if TYPE_CHECKING:
    from osteofusion.schema import Feature, Schema
    from osteogait.storage.records import Person
    from osteogait.web.call import Call


@dataclass(frozen=True, slots=True)
class Group:
    """One part of the form; `printed`: its values come from a paper that names their day, so no day is proposed."""

    id: str
    title: str
    hint: str
    features: tuple[str, ...]
    printed: bool = False


GROUPS = (
    Group("body", N_("Body"), "", ("height", "weight")),
    Group(
        "history", N_("History"), N_("Unknown is not no: it is kept as asked and not known."),
        ("prior_fracture", "parent_hip_fracture", "falls_past_year", "current_smoking", "alcohol_3_units",
         "glucocorticoids", "rheumatoid_arthritis", "diabetes_type2", "copd", "stroke", "cancer", "postmenopausal",
         "hormone_therapy", "fragility_fracture_sites", "ancestry", "black_ancestry"),
    ),
    Group(
        "bone", N_("Bone density (DXA)"), N_("Each number is typed twice: a slip of one digit changes the diagnosis."),
        ("fn_t", "th_t", "ls_t", "radius33_t", "fn_z", "th_z", "ls_z", "fn_bmd", "th_bmd", "ls_bmd"), printed=True,
    ),
    Group(
        "lab", N_("Laboratory"), N_("Choose the unit that is printed on the lab report."),
        ("vit_d25oh", "calcium", "phosphate", "alp", "albumin", "creatinine", "pth", "ctx", "pinp", "bap",
         "osteocalcin", "ntx_cr"), printed=True,
    ),
    Group(
        "function", N_("Strength and function, taken by hand"),
        N_("Only what was not recorded with the sensor. A typed value counts before a recorded one."),
        ("grip_one_hand", "gait_speed", "tug", "chair_stand_5x", "one_leg_stance", "romberg_foam_ec", "walk_aid"),
    ),
    Group(
        "micro", N_("Bone microarchitecture"), N_("HR-pQCT indices of the two scanner generations cannot be compared."),
        ("tbs", "tb_sp", "tb_n", "tb_th", "tb_vbmd", "ct_vbmd", "ct_th", "failure_load"), printed=True,
    ),
    Group(
        "genotype", N_("Genotype"),
        N_("The two letters on the plus strand (GRCh38), as on the report. They never leave the box by default."),
        ("rs4355801", "rs3736228", "rs9594759", "rs3801387", "rs4870044", "rs2228570"), printed=True,
    ),
)  # fmt: skip
NOT_USED = N_(
    "Kept and shown, not used by the model: which letter goes with lower bone density is not settled."
)
TWICE = "bone"
BLOOD = "lab"
MORNING = ("ctx", "pinp")
"""They follow meals and the time of day, so both are asked for and printed beside them."""
GENETIC = "genotype"
SCANNED = "micro"
OF_WOMEN = frozenset({"postmenopausal", "hormone_therapy"})
ANSWERS = (("yes", N_("yes")), ("no", N_("no")), ("unknown", N_("unknown")))
SPOKEN_UNITS = {
    "en": {"a": "years", "{T-score}": "T", "{Z-score}": "Z", "1": "", "[lb_av]": "lb", "ug/L": "µg/L",
           "umol/L": "µmol/L", "g/cm2": "g/cm²", "mg/cm2": "mg/cm²", "mg HA/cm3": "mg HA/cm³",
           "mg/cm3": "mg/cm³", "um": "µm"},
    "zh": {"a": "岁", "cm": "厘米 cm", "m": "米 m", "kg": "公斤 kg", "[lb_av]": "磅 lb", "{T-score}": "T 值",
           "{Z-score}": "Z 值", "1": "", "s": "秒 s", "ug/L": "µg/L", "umol/L": "µmol/L", "g/cm2": "g/cm²",
           "mg/cm2": "mg/cm²", "mg HA/cm3": "mg HA/cm³", "mg/cm3": "mg/cm³", "um": "µm"},
}  # fmt: skip
SAME = {"lb": "[lb_av]"}
"""Written units that are another one by a second name: offered once."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value in the form: what was typed, what is kept now, and what is wrong or unusual with it."""

    id: str
    label: str
    kind: str
    units: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]
    typed: str
    again: str
    unit: str
    chosen: tuple[str, ...]
    now: str
    error: str
    warning: str
    note: str = ""


def wanted(schema: Schema, person: Person, genetics: bool) -> list[tuple[Group, list[Feature]]]:
    """The parts of the form for this person; genotypes only with their consent."""
    found = []
    for group in GROUPS:
        if group.id == GENETIC and not genetics:
            continue
        names = [name for name in group.features if person.sex == "female" or name not in OF_WOMEN]
        found.append((group, [schema.by_id[name] for name in names if name in schema.by_id]))
    return found


def units(feature: Feature, lang: str) -> tuple[tuple[str, str], ...]:
    """The units in which a number may be typed, the stored one first, as people read them."""
    if feature.kind != "number":
        return ()
    names = [feature.unit, *(name for name in feature.units if name not in SAME)]
    return tuple((name, SPOKEN_UNITS[lang].get(name, name)) for name in names)


def options(call: Call, feature: Feature) -> tuple[tuple[str, str], ...]:
    """The answers of a question."""
    from osteogait.report.language import load_language

    if feature.kind == "bool":
        return tuple((value, call.say(text)) for value, text in ANSWERS)
    if feature.kind == "dosage":
        return (*((pair, pair) for pair in genotypes_of(feature.id)), ("unknown", call.say("unknown")))
    if feature.kind in ("category", "sites"):
        words = load_language(call.lang)
        return tuple((value, words.either("choices", value)) for value in feature.choices)
    return ()


def field(call: Call, feature: Feature, now: str, said: Mapping[str, tuple[str, str]]) -> Field:
    """The field of `feature`; `said`: by feature, the error and the warning about what was typed."""
    error, warning = said.get(feature.id, ("", ""))
    form = call.form
    return Field(
        feature.id,
        variable_name(call, feature.id),
        feature.kind,
        units(feature, call.lang),
        options(call, feature),
        form.text(f"v.{feature.id}"),
        form.text(f"r.{feature.id}"),
        form.text(f"u.{feature.id}") or feature.unit,
        form.all(f"v.{feature.id}"),
        now,
        error,
        warning,
        call.say(NOT_USED) if feature.kind == "dosage" and not is_counted(feature.id) else "",
    )
