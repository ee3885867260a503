"""One result in two languages: the document in one of them, and beside it the sentences that differ in the other."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

PART = "translation"
Path = tuple[str | int, ...]


def with_translation(documents: Mapping[str, dict[str, Any]], lang: str) -> dict[str, Any]:
    """The document in `lang`, with the sentences of the other language by their place."""
    (other,) = (code for code in documents if code != lang)
    said = {
        "/".join(map(str, path)): text for path, text in _differences(documents[lang], documents[other], ())
    }
    return {**documents[lang], PART: {"lang": lang, "other": other, "sentences": said}}


def in_language(document: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """The document in `lang`; as it is where it holds no translation, because it was made in one language alone."""
    spoken = {key: item for key, item in document.items() if key != PART}
    held = document.get(PART)
    if held is None or held["lang"] == lang:
        return spoken
    spoken = copy.deepcopy(spoken)
    for place, text in held["sentences"].items():
        _put(spoken, place.split("/"), text)
    return spoken


def _differences(one: Any, other: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Places of texts that differ; the moment of making is one, and is that of the first."""
    if isinstance(one, Mapping):
        for key in one:
            yield from _differences(one[key], other[key], (*path, key))
    elif isinstance(one, list):
        for number, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            yield from _differences(mine, theirs, (*path, number))
    elif isinstance(one, str) and one != other and path != ("created",):
        yield path, other


def _put(document: Any, path: list[str], text: str) -> None:
    for part in path[:-1]:
        document = document[int(part)] if isinstance(document, list) else document[part]
    last = path[-1]
    document[int(last) if isinstance(document, list) else last] = text
