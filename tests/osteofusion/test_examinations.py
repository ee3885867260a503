"""Every input comes from some examination, named in both languages."""

from __future__ import annotations

from osteofusion.examinations import ALWAYS_KNOWN, _table, examinations
from osteofusion.schema import load_schema

SCHEMA = load_schema()


def test_every_input_but_age_and_sex_has_an_examination() -> None:
    covered = {feature for examination in examinations(SCHEMA) for feature in examination.features}
    assert covered == {feature.id for feature in SCHEMA.inputs} - set(ALWAYS_KNOWN)


def test_ids_are_unique_and_labels_are_in_both_languages() -> None:
    found = examinations(SCHEMA)
    assert len({examination.id for examination in found}) == len(found)
    for examination in found:
        assert all(examination.label[lang] for lang in ("en", "zh"))


def test_named_features_exist() -> None:
    for entry in _table().values():
        assert set(entry["features"]) <= set(SCHEMA.column)
