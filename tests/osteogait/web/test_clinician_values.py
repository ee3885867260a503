"""The typed form: all of it or nothing, reasons beside the fields, unknown is not no, withdrawn is not deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from visitors import Visitor, Visitors

from osteogait.clinic.roles import Role
from osteogait.storage.records import Value
from osteogait.web.station import Station


@pytest.fixture
def clinician(visitors: Visitors, known: Any) -> Visitor:
    visitor = visitors.signed_in(Role.CLINICIAN)
    visitor.get(f"/people/{known.person}/values")
    return visitor


def send(clinician: Visitor, known: Any, **fields: str) -> Any:
    return clinician.post(
        f"/people/{known.person}/values", {name.replace("__", "."): text for name, text in fields.items()}
    )


DAY = "2026-01-05"
BONE = {"d__bone": DAY, "brand": "Hologic", "reference_db": "China"}
"""What stands beside the numbers on the paper of a DXA."""


def kept(station: Station, known: Any) -> dict[str, Value]:
    return {value.variable: value for value in station.store.values_of(known.person)}


def test_what_was_typed_is_kept_as_written_and_converted(
    clinician: Visitor, known: Any, station: Station
) -> None:
    page = send(
        clinician, known, v__height="1.56", u__height="m", v__vit_d25oh="19", u__vit_d25oh="ng/mL", d__lab=DAY
    )
    assert "2 values are kept." in page.text
    values = kept(station, known)
    assert (values["height"].value, values["height"].unit) == (156.0, "cm")
    assert (values["height"].written_value, values["height"].written_unit) == ("1.56", "m")
    assert values["vit_d25oh"].value == pytest.approx(47.42, abs=0.01)
    assert "47.424 nmol/L (written 19 ng/mL)" in page.text
    (event,) = (
        row for row in station.audit.rows(None, None) if row.action == "create" and "height" in row.details
    )
    assert "1.56" not in event.details


def test_yes_no_and_unknown_are_three_answers(clinician: Visitor, known: Any, station: Station) -> None:
    send(clinician, known, v__prior_fracture="yes", v__stroke="no", v__cancer="unknown")
    values = kept(station, known)
    assert (values["prior_fracture"].value, values["stroke"].value, values["cancer"].value) == (
        1.0,
        0.0,
        "unknown",
    )
    assert "copd" not in values


def test_bone_density_is_typed_twice(clinician: Visitor, known: Any, station: Station) -> None:
    answer = send(clinician, known, v__fn_t="-2.1", r__fn_t="-1.2", v__height="156", **BONE)
    assert answer.status_code == 422
    assert "The two entries differ" in answer.text
    assert kept(station, known) == {}
    for first, again in (("-2.1", ""), ("", "-2.1")):
        assert send(clinician, known, v__fn_t=first, r__fn_t=again, **BONE).status_code == 422
    assert kept(station, known) == {}
    assert send(clinician, known, v__fn_t="-2.1", r__fn_t="\u22122.10", **BONE).status_code == 200
    assert kept(station, known)["fn_t"].value == -2.1


def test_bone_density_names_its_scanner_and_its_reference(
    clinician: Visitor, known: Any, station: Station
) -> None:
    typed = {"v__fn_t": "-2.1", "r__fn_t": "-2.1"}
    answer = send(clinician, known, **typed, d__bone=DAY, brand="Hologic")
    assert answer.status_code == 422
    assert "mean nothing without it" in answer.text
    send(clinician, known, **typed, **BONE)
    assert kept(station, known)["fn_t"].notes == {
        "day_only": True,
        "brand": "Hologic",
        "reference_db": "China",
    }
    send(clinician, known, v__th_t="-1", r__th_t="-1", d__bone=DAY, brand="not said", reference_db="not said")
    assert kept(station, known)["th_t"].notes == {"day_only": True}


def test_a_marker_keeps_its_time_of_day_and_whether_it_was_fasting(
    clinician: Visitor, known: Any, station: Station
) -> None:
    send(clinician, known, v__ctx="0.4", v__calcium="2.3", d__lab=DAY, t__lab="07:40", fasting="Y")
    values = kept(station, known)
    assert values["ctx"].notes == {"fasting": "Y"}
    assert values["calcium"].notes == {}
    taken = values["ctx"].taken_at
    assert taken is not None
    assert f"{taken.astimezone():%Y-%m-%d %H:%M}" == f"{DAY} 07:40"
    send(clinician, known, v__pinp="60", d__lab=DAY)
    assert kept(station, known)["pinp"].notes == {"day_only": True}


@pytest.mark.parametrize("field", [{"v__ctx": "0.4"}, {"v__tbs": "1.2", "scanner": "1"}])
def test_what_stands_on_a_report_has_the_day_of_the_report(
    clinician: Visitor, known: Any, station: Station, field: dict[str, str]
) -> None:
    answer = send(clinician, known, **field)
    assert answer.status_code == 422
    assert "the day that stands on the report" in answer.text
    assert kept(station, known) == {}


def test_one_wrong_field_keeps_everything_back_and_nothing_typed_is_lost(
    clinician: Visitor, known: Any, station: Station
) -> None:
    answer = send(clinician, known, v__height="156", v__weight="20", v__calcium="2,31", d__lab=DAY)
    assert answer.status_code == 422
    assert "2 fields are not right" in answer.text
    assert "outside the possible range 25 to 250 kg" in answer.text
    assert "Use digits and a decimal point" in answer.text
    assert 'value="156"' in answer.text
    assert kept(station, known) == {}


def test_an_unusual_value_asks_once(clinician: Visitor, known: Any, station: Station) -> None:
    asked = send(clinician, known, v__height="138")
    assert asked.status_code == 422
    assert "1 value is unusual" in asked.text
    assert kept(station, known) == {}
    assert send(clinician, known, v__height="138", meant="yes").status_code == 200
    assert kept(station, known)["height"].value == 138.0


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2999-01-01", "in the future"),
        ("1950-01-01", "before the birth"),
        ("yesterday", "no day of the calendar"),
    ],
)
def test_an_impossible_day_is_refused(
    clinician: Visitor, known: Any, station: Station, day: str, said: str
) -> None:
    answer = send(clinician, known, v__height="156", d__body=day)
    assert answer.status_code == 422
    assert said in answer.text
    assert kept(station, known) == {}


def test_a_day_in_the_past_is_kept(clinician: Visitor, known: Any, station: Station) -> None:
    day = (datetime.now().astimezone() - timedelta(days=40)).date()
    send(clinician, known, v__calcium="2.31", d__lab=day.isoformat())
    taken = kept(station, known)["calcium"].taken_at
    assert taken is not None
    assert taken.astimezone().date() == day


def test_genotypes_need_their_own_consent(clinician: Visitor, known: Any, station: Station) -> None:
    assert "v.rs4355801" not in clinician.get(f"/people/{known.person}/values").text
    send(clinician, known, v__rs4355801="A/A", d__genotype=DAY)
    assert kept(station, known) == {}
    station.consents.give(known.person, "genetics", lang="en", signer="herself", by="t")
    send(clinician, known, v__rs4355801="A/A", d__genotype=DAY)
    value = kept(station, known)["rs4355801"]
    assert (value.value, value.written_value, value.notes["alleles"]) == (2.0, "A/A", "A/A")


def test_a_genotype_is_typed_as_its_letters_and_counted_only_where_that_is_settled(
    clinician: Visitor, known: Any, station: Station
) -> None:
    station.consents.give(known.person, "genetics", lang="en", signer="herself", by="t")
    page = clinician.get(f"/people/{known.person}/values").text
    assert page.count("which letter goes with lower bone density is not settled") == 4
    send(clinician, known, v__rs3736228="C/T", v__rs9594759="C/T", v__rs2228570="unknown", d__genotype=DAY)
    values = kept(station, known)
    assert (values["rs3736228"].value, values["rs9594759"].value) == (1.0, "C/T")
    assert values["rs9594759"].notes["usable"] is False
    assert values["rs2228570"].value == "unknown"
    assert send(clinician, known, v__rs4355801="2", d__genotype=DAY).status_code == 422
    station.consents.withdraw(known.person, "genetics", "t")
    assert "there is no consent to genotypes" in clinician.get(f"/people/{known.person}/values").text


def test_a_value_that_the_model_does_not_take_says_so(
    clinician: Visitor, known: Any, station: Station
) -> None:
    now = datetime.now(UTC)
    bound = Value("pth", 8.0, "pg/mL", "upload:lab_csv", "8", "pg/mL", now, comparator="<")
    heel = Value("heel_t", -2.0, "{T-score}", "upload:dxa_csv", "-2.0", "{T-score}", now)
    station.store.add_values(known.visit, [bound, heel])
    page = clinician.get(f"/people/{known.person}/values").text
    assert "only a limit is known" in page
    assert "no input of the model" in page


def test_morning_blood_of_an_eastern_clinic_is_of_its_own_day(
    clinician: Visitor, known: Any, station: Station
) -> None:
    taken_at = datetime(2026, 1, 4, 23, 40, tzinfo=UTC)
    value = Value("ctx", 0.6, "ng/mL", "upload:lab_csv", taken_at=taken_at, notes={"zone": "+0800"})
    station.store.add_values(known.visit, [value])
    assert "5 January 2026" in clinician.get(f"/people/{known.person}/values").text


def test_indices_of_a_scanner_need_its_generation(clinician: Visitor, known: Any, station: Station) -> None:
    answer = send(clinician, known, v__tb_th="0.07", d__micro=DAY)
    assert answer.status_code == 422
    assert "scanner generation" in answer.text
    send(clinician, known, v__tb_th="0.07", scanner="1", d__micro=DAY)
    assert kept(station, known)["tb_th"].notes == {"scanner_generation": 1, "day_only": True}


def test_a_frax_result_is_kept_with_country_and_bone_density(
    clinician: Visitor, known: Any, station: Station
) -> None:
    assert send(clinician, known, v__frax_mof="12", v__frax_hip="4.1").status_code == 422
    fields = {"v__frax_mof": "12", "v__frax_hip": "4.1", "frax_country": "China", "frax_bmd": "yes"}
    assert send(clinician, known, **fields).status_code == 200
    values = kept(station, known)
    assert (values["frax_mof"].code, values["frax_hip"].code) == ("90265-0", "90266-8")
    assert values["frax_hip"].notes == {"country": "China", "with_bmd": True}
    assert send(clinician, known, **{**fields, "v__frax_hip": "14"}).status_code == 422


def test_a_value_is_withdrawn_with_its_reason(clinician: Visitor, known: Any, station: Station) -> None:
    send(clinician, known, v__height="156")
    (value,) = station.store.values_of(known.person)
    path = f"/people/{known.person}/values/withdraw"
    assert clinician.post(path, {"value": value.id, "reason": ""}).status_code == 422
    assert (
        "measured with shoes"
        in clinician.post(path, {"value": value.id, "reason": "measured with shoes"}).text
    )
    (after,) = station.store.values_of(known.person)
    assert after.withdrawn is not None
    assert after.value == 156.0


def test_a_value_of_somebody_else_is_not_withdrawn(
    clinician: Visitor, known: Any, other: Any, station: Station
) -> None:
    foreign = Value("height", 160.0, "cm", "typed", taken_at=datetime.now(UTC))
    (identifier,) = station.store.add_values(other.visit, [foreign])
    answer = clinician.post(
        f"/people/{known.person}/values/withdraw", {"value": identifier, "reason": "mine"}
    )
    assert answer.status_code == 404
    (value,) = station.store.values_of(other.person)
    assert value.withdrawn is None


def test_without_consent_nothing_is_kept(clinician: Visitor, known: Any, station: Station) -> None:
    station.consents.withdraw(known.person, "test", "t")
    assert send(clinician, known, v__height="156").status_code == 403
    assert kept(station, known) == {}


def test_questions_of_women_are_not_put_to_men(visitors: Visitors, station: Station) -> None:
    person = station.store.add_person(birth_year=1950, sex="male")
    page = visitors.signed_in(Role.CLINICIAN).get(f"/people/{person}/values").text
    assert "v.postmenopausal" not in page
    assert "v.prior_fracture" in page


def test_answers_of_the_kiosk_are_shown_in_words(clinician: Visitor, known: Any, station: Station) -> None:
    now = datetime.now(UTC)
    answers = [
        Value("sarc_f_walking", 2.0, "1", "kiosk", written_value="2", taken_at=now),
        Value("stroke", "unknown", "1", "kiosk", written_value="unknown", taken_at=now),
    ]
    station.store.add_values(known.visit, answers)
    page = clinician.get(f"/people/{known.person}/values").text
    assert "SARC-F: How hard is it for you to walk across a room?" in page
    assert "2 of 2 points" in page
    assert "answered at the kiosk" in page
    assert "sarc_f_walking" not in page
