"""YAML as the bundle has it: the plain part by a quick reader, the rest by the library, in C where that is compiled in."""

from __future__ import annotations

from typing import Any

from osteofusion.plain_yaml import Unsure, read_plain


class NotYaml(ValueError):
    """The text is not YAML; the message says where."""


def read_yaml(text: str) -> Any:
    """The content of `text`; NotYaml when it is none."""
    try:
        return read_plain(text)
    except (Unsure, RecursionError):
        return by_library(text)


def by_library(text: str) -> Any:
    """`read_yaml` without the quick reader."""
    import yaml  # late: it takes longer to import than the runtime of the network

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except (yaml.YAMLError, RecursionError) as error:
        raise NotYaml(str(error)) from error
