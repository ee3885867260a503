"""Between a form, the store and the case: what is typed comes back as it was meant, whatever else is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteofusion.schema import Feature, load_schema
from osteogait.clinic.kept import as_entry, plain_number, typed_value
from osteogait.errors import CaseError

SCHEMA = load_schema()
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
NUMBERS = [feature for feature in SCHEMA.features if feature.kind == "number" and feature.id != "age"]


def keep(name: str, text: str, **more: object):  # type: ignore[no-untyped-def]
    return typed_value(SCHEMA.by_id[name], text, by="c", taken_at=NOW, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("feature", NUMBERS, ids=lambda feature: feature.id)
@given(share=st.floats(0, 1))
def test_a_number_comes_back_in_the_stored_unit(feature: Feature, share: float) -> None:
    assert feature.soft is not None
    low, high = feature.soft
    text = f"{low + share * (high - low):.4f}"
    scanner = 1 if feature.requires else None
    value, entry = typed_value(feature, text, scanner=scanner, by="c", taken_at=NOW)
    back = as_entry(feature, value)
    assert back is not None
    assert entry is not None
    assert back.value == entry.value == float(text)
    assert (back.unit, back.usable, back.warnings) == (feature.unit, True, entry.warnings)


@pytest.mark.parametrize("feature", [one for one in NUMBERS if one.units], ids=lambda feature: feature.id)
def test_every_unit_is_converted_and_kept_as_written(feature: Feature) -> None:
    assert feature.soft is not None
    for unit, factor in feature.units.items():
        text = f"{sum(feature.soft) / 2 / factor:.6f}"
        value, _ = typed_value(
            feature, text, unit=unit, scanner=1 if feature.requires else None, by="c", taken_at=NOW
        )
        assert value.value == pytest.approx(float(text) * factor)
        assert (value.written_value, value.written_unit, value.unit) == (text, unit, feature.unit)
        back = as_entry(feature, value)
        assert back is not None
        assert (back.written_value, back.written_unit) == (text, unit)


@pytest.mark.parametrize(
    ("text", "held", "meant"), [("yes", 1.0, 1.0), ("no", 0.0, 0.0), ("unknown", "unknown", None)]
)
def test_three_answers(text: str, held: object, meant: float | None) -> None:
    value, entry = keep("stroke", text)
    assert value.value == held
    assert (None if entry is None else entry.value) == meant
    back = as_entry(SCHEMA.by_id["stroke"], value)
    assert (None if back is None else back.value) == meant


def test_choices_sites_and_alleles_come_back() -> None:
    sites, _ = keep("fragility_fracture_sites", "hip,forearm")
    assert json.loads(str(sites.value)) == ["hip", "forearm"]
    back = as_entry(SCHEMA.by_id["fragility_fracture_sites"], sites)
    assert back is not None
    assert back.value == ("hip", "forearm")
    ancestry, _ = keep("ancestry", "chinese")
    assert ancestry.value == "chinese"
    alleles, _ = keep("rs4355801", "2")
    assert alleles.value == 2.0
    dosage = as_entry(SCHEMA.by_id["rs4355801"], alleles)
    assert dosage is not None
    assert dosage.value == 2.0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("stroke", "maybe"), ("stroke", "1"), ("ancestry", "martian"), ("fragility_fracture_sites", "hip,toe"),
        ("rs4355801", "3"), ("rs4355801", "0.5"), ("weight", ""), ("weight", "20"), ("fn_t", "-2,5"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused(name: str, text: str) -> None:
    with pytest.raises(CaseError):
        keep(name, text)


@given(st.text(max_size=20))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        number = plain_number("weight", text)
    except CaseError:
        return
    assert abs(number) < 1e9


@pytest.mark.parametrize(
    ("text", "number"),
    [("72", 72.0), (" -2.1 ", -2.1), ("\uff17\uff12\uff0e\uff15", 72.5), ("\u22122.1", -2.1)],
)
def test_full_width_and_the_minus_sign_are_read(text: str, number: float) -> None:
    assert plain_number("fn_t", text) == number


@pytest.mark.parametrize(
    "text",
    ["1e5", "nan", "inf", "0x10", "1_000", "1,5", "1 000", "--1", "1.", ".5", "\u0661", "5\u00b2", "\u2460"],
)
def test_other_ways_to_write_numbers_are_not(text: str) -> None:
    with pytest.raises(CaseError) as refused:
        plain_number("weight", text)
    assert refused.value.code == "typed_number"
