"""What every command line of the app shares: the language, the switch for JSON, and how JSON is printed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from osteogait.errors import UsageError
from osteogait.words import LANGUAGES

Lang = Annotated[str, typer.Option("--lang", help="en or zh; by default the language of the system")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output instead of a table")]


def default_language() -> str:
    """`OSTEOGAIT_LANG`, else zh when the system speaks Chinese, else en."""
    named = os.environ.get("OSTEOGAIT_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    return "zh" if named.lower().startswith("zh") else "en"


def language(lang: str) -> str:
    """The language asked for, or the system's; a usage error when it is not one of ours."""
    chosen = lang or default_language()
    if chosen not in LANGUAGES:
        raise UsageError("usage_language", found=chosen)
    return chosen


def print_json(document: Mapping[str, Any], indent: int | None = None) -> None:
    """JSON on standard output: UTF-8, or plain ASCII with escapes where the terminal speaks something else."""
    utf8 = "utf" in (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    typer.echo(json.dumps(document, ensure_ascii=not utf8, allow_nan=False, indent=indent))
