"""Whatever a station can hold as a value leaves it as valid FHIR, or not at all with a sentence."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given
from hypothesis import strategies as st

from osteofusion.schema import load_schema
from osteogait.errors import OsteogaitError
from osteogait.report.fhir.bundle import bundle
from osteogait.report.fhir.codes import Terms
from osteogait.report.fhir.facts import Facts
from osteogait.report.fhir.written import bundle_bytes
from osteogait.storage.records import Person, Value

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
PERSON = Person("33333333-3333-4333-8333-333333333333", 1954, "female", NOW)
TEXTS = st.text(max_size=12)
NOTES = st.dictionaries(
    st.sampled_from(
        (
            "lab",
            "method",
            "brand",
            "reference_db",
            "fasting",
            "ref_low",
            "ref_high",
            "side",
            "alleles",
            "country",
        )
    ),
    TEXTS,
    max_size=4,
)


@st.composite
def values(draw: st.DrawFn) -> Value:
    feature = draw(st.sampled_from([*load_schema().features]))
    low, high = feature.hard or (0.0, 1.0)
    held: float | str = draw(
        st.one_of(st.floats(low, high), st.sampled_from(("unknown", '["hip"]', "chinese")))
    )
    unit = draw(st.sampled_from((feature.unit or "1", *feature.units)))
    return Value(
        feature.id, held, feature.unit or "1", draw(TEXTS), draw(st.one_of(TEXTS, st.just(str(held)))), unit, NOW,
        comparator=draw(st.sampled_from((None, "<", ">", "="))), code=draw(st.one_of(st.none(), TEXTS)),
        notes=draw(NOTES), by=draw(st.one_of(st.none(), st.just("a"))), id="55555555-5555-4555-8555-555555555555",
        withdrawn=draw(st.sampled_from((None, NOW))),
    )  # fmt: skip


@given(values())
def test_any_value_is_valid(value: Value) -> None:
    made = bundle(Facts(person=PERSON, values=(value,)), Terms(snomed=True, unverified=True))
    back: dict[str, Any] = json.loads(bundle_bytes(made))
    get_fhir_model_class("Bundle").model_validate(back)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_bundle_that_breaks_a_rule_is_not_written(lang: str) -> None:
    made = bundle(Facts(person=PERSON))
    made["entry"][1]["resource"]["status"] = "foo"
    with pytest.raises(OsteogaitError) as refused:
        bundle_bytes(made)
    assert refused.value.code == "fhir_broken"
    assert "status (entry[1].Device)" in refused.value.message(lang)
