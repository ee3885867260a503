"""A document and its translation: every sentence changes, nothing else does."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from osteogait.assessment.translation import PART, in_language, with_translation

leaf = st.one_of(st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False))
keys = st.text("abcdefg_", min_size=1, max_size=5)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two documents of one shape whose texts may differ."""

    def both(depth: int) -> tuple[Any, Any]:
        kind = draw(st.sampled_from(["leaf", "text", "map", "list"] if depth else ["leaf", "text"]))
        if kind == "leaf":
            value = draw(leaf)
            return value, value
        if kind == "text":
            return draw(st.text(max_size=8)), draw(st.text(max_size=8))
        if kind == "list":
            items = [both(depth - 1) for _ in range(draw(st.integers(0, 3)))]
            return [one for one, _ in items], [other for _, other in items]
        named = {key: both(depth - 1) for key in draw(st.sets(keys, max_size=3))}
        return {key: one for key, (one, _) in named.items()}, {
            key: other for key, (_, other) in named.items()
        }

    named = {key: both(3) for key in draw(st.sets(keys, min_size=1, max_size=4))}
    return {key: one for key, (one, _) in named.items()}, {key: other for key, (_, other) in named.items()}


@given(pairs())
def test_either_language_comes_back_whole(documents: tuple[dict[str, Any], dict[str, Any]]) -> None:
    english, chinese = documents
    stored = with_translation({"en": english, "zh": chinese}, "en")
    assert in_language(stored, "en") == english
    assert in_language(stored, "zh") == chinese
    assert stored[PART]["lang"] == "en"


def test_the_moment_of_making_is_one() -> None:
    stored = with_translation(
        {"en": {"created": "1", "flags": ["a"]}, "zh": {"created": "2", "flags": ["b"]}}, "zh"
    )
    assert in_language(stored, "en") == {"created": "2", "flags": ["a"]}


def test_a_document_of_one_language_stays_as_it_is() -> None:
    assert in_language({"flags": ["a"]}, "zh") == {"flags": ["a"]}


def test_the_stored_document_is_not_touched() -> None:
    stored = with_translation(
        {"en": {"flags": [{"message": "a"}]}, "zh": {"flags": [{"message": "b"}]}}, "en"
    )
    in_language(stored, "zh")["flags"][0]["message"] = "c"
    assert stored["flags"] == [{"message": "a"}]
