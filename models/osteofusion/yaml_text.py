"""YAML with the fast loader where libyaml is compiled in (ten times faster), the plain one elsewhere; both are safe."""

from __future__ import annotations

import json
from typing import Any


class YamlError(ValueError):
    """The text is not YAML."""


def read_yaml(text: str) -> Any:
    """The content of `text`; YamlError when it is not YAML.

    What is spelled as JSON, which is YAML too, is read without loading PyYAML (8 ms).
    """
    if text.startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            pass  # YAML in braces without quotes
    import yaml

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except yaml.YAMLError as error:
        raise YamlError(str(error)) from error
