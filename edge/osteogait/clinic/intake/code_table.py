"""From a code and a name to a variable: LOINC or local, name against code, the sibling code when the unit clashes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from osteogait.clinic.intake.loinc import SYSTEMS, is_loinc
from osteogait.clinic.intake.reason import RowRefused, Said, shown
from osteogait.clinic.intake.variable import family, tables, variables

LOCAL = "L"
_SHORT = 4  # Latin letters: an abbreviation must be a whole word
# what spreadsheets make of codes such as 2000-8
_DATE = re.compile(
    r"\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{4}/\d{1,2}|[A-Za-z]{3}-\d{2,4}|\d{4}年\d{1,2}月(\d{1,2}日)?", re.ASCII
)
_WORDS = re.compile(r"[a-z0-9]+|[^\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class LabCode:
    """A laboratory code: its variable, the family of units it speaks of, and whether it is a part of the whole."""

    code: str
    variable: str
    family: str = ""
    part: str = ""


def lab_code(system: str, code: str) -> LabCode:
    """The meaning of `code` in `system` (`LN` or `L`); RowRefused `bad-check-digit` or `unknown-code`."""
    if system == LOCAL:
        if code not in tables()["local"]:
            raise RowRefused(
                "unknown-code",
                variant="unknown_local_code",
                value=shown(code),
                allowed=", ".join(tables()["local"]),
            )
        return LabCode(code, code)
    if system not in SYSTEMS:
        raise RowRefused("unknown-code", variant="code_system", value=shown(system), code=shown(code))
    if not is_loinc(code):
        variant = "code_is_a_date" if _DATE.fullmatch(code) else ""
        raise RowRefused("bad-check-digit", variant=variant, value=shown(code))
    found = tables()["laboratory"].get(code)
    if found is None:
        raise RowRefused("unknown-code", value=shown(code))
    return LabCode(code, found["variable"], found.get("family", ""), found.get("part", ""))


def known_lab_codes() -> Mapping[str, Mapping[str, str]]:
    """All LOINC codes of laboratory values and body size."""
    table: Mapping[str, Mapping[str, str]] = tables()["laboratory"]
    return table


def check_family(code: LabCode, unit: str) -> None:
    """RowRefused `code-unit-clash` with the code that fits, when a mass code has a molar unit or the reverse.

    The number is right and the code is not: nothing is converted on the word of the code.
    """
    written = family(unit)
    if not code.family or not written or written == code.family:
        return
    siblings = [
        name
        for name, item in known_lab_codes().items()
        if item["variable"] in _same_substance(code.variable)
        and item.get("family") == written
        and item.get("part", "") == code.part
    ]
    variant = "" if siblings else "code_unit_clash_alone"
    raise RowRefused(
        "code-unit-clash", variant=variant, code=code.code, value=shown(unit), sibling=", ".join(siblings)
    )


def _same_substance(variable: str) -> tuple[str, ...]:
    for group in tables()["same_substance"]:
        if variable in group:
            return tuple(group)
    return (variable,)


def check_name(variable: str, name: str) -> None:
    """RowRefused `name-code-mismatch` when the name is known and means something else than the code."""
    specimen = any(word in _fold(name) for word in tables()["other_specimen"])
    if specimen and variable not in tables()["in_urine"]:
        label = variables()[variable].label
        raise RowRefused("name-code-mismatch", variant="other_specimen", name=shown(name), variable=label)
    meant = named_variables(name)
    if meant and not meant <= set(_same_substance(variable)):
        says = variables()[next(iter(sorted(meant - {variable})))].label
        raise RowRefused(
            "name-code-mismatch", name=shown(name), says=says, variable=variables()[variable].label
        )


def named_variables(name: str) -> set[str]:
    """The variables whose name stands in `name`; a longer name hides a shorter one inside it."""
    text, words = _plain(name), set(_WORDS.findall(_fold(name)))
    hits = [(plain, variable) for plain, variable in _synonyms() if _stands(plain, text, words)]
    return {
        variable
        for plain, variable in hits
        if not any(plain != other and plain in other for other, _ in hits)
    }


def _stands(plain: str, text: str, words: set[str]) -> bool:
    if plain.isascii() and len(plain) <= _SHORT:
        return plain == text or plain in words
    return plain in text


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _plain(text: str) -> str:
    """Letters, digits and signs of other scripts only."""
    return "".join(_WORDS.findall(_fold(text)))


@cache
def _synonyms() -> tuple[tuple[str, str], ...]:
    listed = [(_plain(name), variable) for variable, names in tables()["names"].items() for name in names]
    labels = [
        (_plain(label), variable)
        for variable in tables()["names"]
        for label in getattr(variables()[variable].label, "words", {}).values()
    ]
    return tuple(dict.fromkeys([*listed, *labels]))


@dataclass(frozen=True, slots=True)
class DxaCode:
    """A DXA code: region of the skeleton, what was measured there (bmd, t, z), and the side if it names one."""

    region: str
    measure: str
    side: str = ""


def dxa_code(code: str) -> DxaCode | None:
    """The meaning of a DXA code, None when it is none."""
    found = tables()["dxa"].get(code)
    return None if found is None else DxaCode(found["region"], found["measure"], found.get("side", ""))


def site_of(codes: tuple[str, ...], text: str) -> str:
    """The body site that codes or words name; nothing when they name none or several."""
    sites = tables()["sites"]
    by_code = {site for site, block in sites.items() if set(codes) & set(block["codes"])}
    if by_code:
        return by_code.pop() if len(by_code) == 1 else ""
    folded = _fold(text)
    hits = [(word, site) for site, block in sites.items() for word in block["words"] if word in folded]
    found = {site for word, site in hits if not any(word != other and word in other for other, _ in hits)}
    return found.pop() if len(found) == 1 else ""


def dxa_site(code: DxaCode, site: str, value: str) -> tuple[str, tuple[Said, ...]]:
    """The site of a DXA value: what is written wins over the code, with a warning where they differ.

    A code of the femur needs the site within it. The forearm's T-score code 38265-5 stands on hips and spines in
    public code, so a code alone is not believed against a site.
    """
    if not site:
        if code.region == "femur":
            raise RowRefused("missing-site", value=shown(value))
        return code.region, ()
    fits = site == code.region or (code.region == "femur" and site in ("femoral_neck", "total_hip"))
    return site, () if fits else (
        Said("name-code-mismatch", {"code": value, "site": Site(site)}, "dxa_code_site"),
    )


@dataclass(frozen=True, slots=True)
class Site:
    """A body site that says itself in a language."""

    id: str

    def message(self, lang: str) -> str:
        """The site's plain name."""
        words = [word for word in tables()["sites"][self.id]["words"] if word.isascii() == (lang == "en")]
        return str(words[0])


def dxa_variable(site: str, measure: str) -> str:
    """The variable of a site (`femoral_neck`) and a measure (`bmd`, `t`, `z`)."""
    return f"{tables()['sites'][site]['prefix']}_{measure}"
