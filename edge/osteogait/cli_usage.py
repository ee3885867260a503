"""What the command-line library says of a call that does not fit, in Chinese; in English it speaks for itself."""

from __future__ import annotations

import re
from typing import Any

import typer

from osteogait.words import sentence

SAID = (
    (re.compile(r"No such command '(?P<name>[^']*)'\."), "usage_no_command"),
    (
        re.compile(r"No such command '(?P<name>[^']*)'\. Did you mean (?P<close>.*)\?"),
        "usage_no_command_close",
    ),
    (re.compile(r"Option '(?P<name>.*)' requires an argument\."), "usage_needs_value"),
    (re.compile(r"Got unexpected extra argument(\(s\)|s)? \((?P<name>.*)\)"), "usage_extra"),
    (re.compile(r"Input should be a valid number\b.*"), "usage_number"),
    (re.compile(r"Input should be a valid integer\b.*"), "usage_whole_number"),
    (re.compile(r"Input should be less than or equal to (?P<limit>.*)"), "usage_at_most"),
    (re.compile(r"Input should be greater than or equal to (?P<limit>.*)"), "usage_at_least"),
)


def show_usage_error(error: Any, lang: str) -> None:
    """On standard error: how the command is called, where its help is, and what does not fit."""
    said = None if lang == "en" else _said(error, lang)
    context = getattr(error, "ctx", None)
    if said is None:
        error.show()
        return
    if context is not None:
        usage = context.get_usage().partition(": ")[2]
        typer.echo(sentence("usage_call", lang, {"usage": usage, "command": context.command_path}), err=True)
    typer.echo(said, err=True)


def _said(error: Any, lang: str) -> str | None:
    """The sentence; None where we have none of our own."""
    kind, message = type(error).__name__, str(getattr(error, "message", ""))
    place = _place(error)
    if kind == "MissingParameter":
        return sentence("usage_missing", lang, {"name": place})
    if kind == "NoSuchOption":
        code = "usage_no_option_close" if error.possibilities else "usage_no_option"
        close = ", ".join(sorted(error.possibilities or ()))
        return sentence(code, lang, {"name": error.option_name, "close": close})
    for pattern, code in SAID:
        found = pattern.fullmatch(message)
        if found:
            return sentence(code, lang, {"name": place, **found.groupdict()})
    return None


def _place(error: Any) -> str:
    """The option or argument as it is written on the command line."""
    parameter = getattr(error, "param", None)
    if parameter is None:
        return ""
    return str(parameter.opts[0] if parameter.opts[0].startswith("-") else parameter.metavar)
