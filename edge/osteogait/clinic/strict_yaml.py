"""YAML as data only: no aliases, no duplicate keys, no surprise types, at most 1 MB."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from osteogait.config import LIMITS
from osteogait.errors import CaseError


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader that refuses aliases, duplicate keys and keys that are not text."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise CaseError("yaml_alias", line=event.start_mark.line + 1)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = key_node.value
            line = key_node.start_mark.line + 1
            if key_node.tag == "tag:yaml.org,2002:merge":
                raise CaseError("yaml_alias", line=line)
            if not isinstance(key_node, yaml.ScalarNode):
                raise CaseError("yaml_key", line=line, key="?")
            if key in seen:
                raise CaseError("yaml_duplicate", line=line, key=key)
            seen.add(key)
        return super().construct_mapping(node, deep)


def load_yaml(path: Path) -> dict[str, Any]:
    """The mapping in `path`; CaseError when the file is too large, not YAML, or not a mapping."""
    text = _read(path)
    try:
        content = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader made stricter
    except CaseError:
        raise
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise CaseError("yaml_syntax", file=path.name, line=line) from error
    if not isinstance(content, dict):
        raise CaseError("yaml_not_mapping", file=path.name)
    return {str(key): value for key, value in content.items()}


def _read(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > LIMITS.yaml_bytes:
            raise CaseError("file_too_large", file=path.name, size=size, limit=LIMITS.yaml_bytes)
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaseError("not_utf8", file=path.name, byte=error.start) from error
    except OSError as error:
        raise CaseError("file_unreadable", file=str(path), reason=error.strerror or str(error)) from error
