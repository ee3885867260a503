"""Genotypes: plus strand or refused, counted only where the counted allele is settled, consent of their own."""

from __future__ import annotations

import pytest

from osteofusion.schema import load_schema
from osteogait.clinic.intake.genotype_value import panel


def test_the_panel_is_that_of_the_model() -> None:
    model = {feature.id for feature in load_schema().features if feature.kind == "dosage"}
    assert set(panel()) == model
    for block in panel().values():
        assert block["counts"] is None or block["counts"] in block["alleles"]


@pytest.mark.parametrize(
    ("change", "alleles", "dosage"),
    [
        ({}, "A/G", 1),
        ({"allele2": "A"}, "A/A", 2),
        ({"allele1": "g", "allele2": "G"}, "G/G", 0),
        ({"allele1": "C", "allele2": "T", "strand": "-"}, "A/G", 1),
        ({"allele1": "T", "allele2": "T", "strand": ""}, "A/A", 2),
    ],
)
def test_alleles_are_turned_to_the_plus_strand_and_counted(read, genotypes, change, alleles, dosage) -> None:
    (item,) = read(genotypes(change)).accepted
    assert (item.variable, item.value, item.notes["alleles"]) == ("rs4355801", dosage, alleles)
    assert item.needs_consent == "genetics"
    assert item.usable


def test_a_variant_without_settled_allele_is_kept_and_not_used(read, genotypes) -> None:
    (item,) = read(genotypes({"rsid": "rs9594759", "allele1": "C", "allele2": "T"})).accepted
    assert (item.value, item.usable) == ("C/T", False)
    assert [said.reason for said in item.warnings] == ["not-counted"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"allele1": "C"}, "ambiguous-strand"),
        ({"allele1": "C", "allele2": "C", "strand": "+"}, "ambiguous-strand"),
        ({"strand": "TOP"}, "ambiguous-strand"),
        ({"build": "GRCh37"}, "ambiguous-strand"),
        ({"build": ""}, "ambiguous-strand"),
        ({"allele1": "I"}, "bad-allele"),
        ({"allele2": ""}, "bad-allele"),
        ({"rsid": "rs1"}, "unknown-code"),
        ({"patient_id": "B-0002"}, "no-consent"),
    ],
)
def test_every_refusal(read, genotypes, reasons, change, reason) -> None:
    found = read(genotypes(change, {"rsid": "rs3736228", "allele1": "C", "allele2": "T"}))
    assert reasons(found) == [(2, reason)]
    assert [item.variable for item in found.accepted] == ["rs3736228"]


def test_a_palindromic_variant_needs_its_strand(read, genotypes, reasons, monkeypatch) -> None:
    from osteogait.clinic.intake import genotype_value

    palindromic = {"rs4355801": {"alleles": ["A", "T"], "counts": "A"}}
    monkeypatch.setattr(genotype_value, "panel", lambda: palindromic)
    found = read(genotypes({"allele2": "T", "strand": ""}))
    assert reasons(found) == [(2, "ambiguous-strand")]
    assert read(genotypes({"allele2": "A", "strand": "-"})).accepted[0].value == 0
