"""A quick reader of the plain part of YAML in which the files of a bundle are written; it gives up on the rest.

Known: block and flow mappings and lists, plain and quoted scalars over several lines, whole and decimal numbers,
true, false, null. Anything else, and any error, raises Unsure: then the YAML library decides (see yaml_text). What
this reader does return is what the library returns.

Why: at the start of the predictor the library takes longer to import, and then to read 38 kB, than the runtime and
its network.
"""

from __future__ import annotations

import re
from typing import Any

WORDS = {"true": True, "false": False, "null": None}
ODD_WORDS = {
    "yes",
    "no",
    "on",
    "off",
    "true",
    "false",
    "null",
    "y",
    "n",
}  # truth values, or nothing, in YAML 1.1
WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
DECIMAL = re.compile(r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?")
# starts like a number and is none: a version, words, a code; neither a date, a time nor another base
NUMBERED_TEXT = re.compile(
    r"[0-9]+\.[0-9]+\.[0-9]+|(?!\d{4}-)(?:[0-9][^ \n:#]*[ \n][^:#]*|[1-9][^ \n.:#_]*[^\W\d_][^ \n.:#_]*)"
)
ENTRY = re.compile(r"""('[^']*'|"[^"\\]*"|\w[\w .%()/+-]*):(?: +(.+))?""")
TOKEN = re.compile(
    r"""[ \n]*(?:([\[\]{},])|('(?:[^']|'')*'|"[^"\\]*"|(?:[\w(/]|[-+.](?=\d))[^,\[\]{}?:#'"]*))(:(?=[ \n]))?"""
)

Line = tuple[int, int, str]  # number in the text, indent, what stands there


class Unsure(Exception):  # noqa: N818 - not an error: another reader takes over
    """The text is more than plain YAML, or no YAML at all."""


def read_plain(text: str) -> Any:
    """The content of `text`; Unsure when this reader does not know for certain what it is."""
    if not text.replace("\n", "").isprintable():
        raise Unsure
    lines: list[Line] = []
    for number, raw in enumerate(text.split("\n")):
        content = raw.strip(" ")
        if content and content[0] != "#":
            if content[0] in "%&*!|>@`?" or content[:3] in ("---", "...") or " #" in content:
                raise Unsure
            lines.append((number, len(raw) - len(raw.lstrip(" ")), content))
    if not lines:
        raise Unsure
    lines.append((-1, -1, ""))
    value, at = _block(lines, 0)
    if at != len(lines) - 1:
        raise Unsure
    return value


def _block(lines: list[Line], at: int) -> tuple[Any, int]:
    """The mapping or list that starts in line `at`, and the line after it."""
    return _list(lines, at) if lines[at][2].startswith("- ") else _mapping(lines, at)


def _mapping(lines: list[Line], at: int) -> tuple[dict[Any, Any], int]:
    indent, result = lines[at][1], {}
    while lines[at][1] == indent and not lines[at][2].startswith("- "):
        entry = ENTRY.fullmatch(lines[at][2])
        if entry is None or entry[1][-1] == " ":
            raise Unsure
        key, rest = _scalar(entry[1]), entry[2]
        if rest is not None:
            result[key], at = _inline(lines, at, rest, indent)
        elif lines[at + 1][1] > indent or (lines[at + 1][1] == indent and lines[at + 1][2].startswith("- ")):
            result[key], at = _block(lines, at + 1)
        else:
            result[key], at = None, at + 1
    if lines[at][1] > indent:
        raise Unsure
    return result, at


def _list(lines: list[Line], at: int) -> tuple[list[Any], int]:
    indent, result = lines[at][1], []
    while lines[at][1] == indent and lines[at][2].startswith("- "):
        number, _, content = lines[at]
        item = content[2:].lstrip(" ")
        if item.startswith("- ") or ENTRY.fullmatch(item):
            lines[at] = (number, indent + len(content) - len(item), item)
            value, at = _block(lines, at)
        else:
            value, at = _inline(lines, at, item, indent)
        result.append(value)
    if lines[at][1] > indent:
        raise Unsure
    return result, at


def _inline(lines: list[Line], at: int, first: str, indent: int) -> tuple[Any, int]:
    """What begins with `first` in line `at` and goes on in the lines that stand further in than `indent`."""
    parts, start = [first], at
    at += 1
    while lines[at][1] > indent:
        if lines[at][0] != lines[at - 1][0] + 1:  # an empty line or a comment in between means something
            raise Unsure
        parts.append(lines[at][2])
        at += 1
    text = "\n".join(parts)
    if text[0] not in "[{":
        return _scalar(text), at
    value, end = _flow(text, 0)
    if end != len(text) or at - start != len(parts):
        raise Unsure
    return value, at


def _flow(text: str, at: int) -> tuple[Any, int]:
    """The value that starts at `at` of `text`, and where it ends."""
    sign, word, colon, at = _token(text, at)
    if word is not None and not colon:
        return _scalar(word.rstrip(" \n")), at
    if sign == "[":
        return _flow_list(text, at)
    if sign == "{":
        return _flow_mapping(text, at)
    raise Unsure


def _flow_list(text: str, at: int) -> tuple[list[Any], int]:
    result: list[Any] = []
    if text.startswith("]", at):
        return result, at + 1
    while True:
        value, at = _flow(text, at)
        result.append(value)
        sign, _, _, at = _token(text, at)
        if sign == "]":
            return result, at
        if sign != ",":
            raise Unsure


def _flow_mapping(text: str, at: int) -> tuple[dict[Any, Any], int]:
    result: dict[Any, Any] = {}
    if text.startswith("}", at):
        return result, at + 1
    while True:
        _, key, colon, at = _token(text, at)
        if key is None or not colon or "\n" in key or key[-1] == " ":
            raise Unsure
        result[_scalar(key)], at = _flow(text, at)
        sign, _, _, at = _token(text, at)
        if sign == "}":
            return result, at
        if sign != ",":
            raise Unsure


def _token(text: str, at: int) -> tuple[str | None, str | None, str | None, int]:
    """Sign or scalar at `at`, the colon that makes it a key, and where both end."""
    found = TOKEN.match(text, at)
    if found is None or (found[1] and found[3]):
        raise Unsure
    return found[1], found[2], found[3], found.end()


def _scalar(text: str) -> Any:
    first = text[0]
    if first in "'\"":
        return _quoted(text)
    if first.isalpha() or first in "_(/":
        if text in WORDS:
            return WORDS[text]
        if ":" in text or "#" in text or text.lower() in ODD_WORDS:
            raise Unsure
        return text.replace("\n", " ")
    if WHOLE.fullmatch(text):
        return int(text)
    if DECIMAL.fullmatch(text):
        return float(text)
    if NUMBERED_TEXT.fullmatch(text):
        return text.replace("\n", " ")
    raise Unsure


def _quoted(text: str) -> str:
    quote, inner = text[0], text[1:-1].replace("\n", " ")
    bare = inner.replace("''", "") if quote == "'" else inner
    if len(text) < 2 or text[-1] != quote or quote in bare or (quote == '"' and "\\" in inner):
        raise Unsure
    return inner.replace("''", "'") if quote == "'" else inner
