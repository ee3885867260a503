"""YAML as data only: no aliases, no tags, no duplicate keys, no surprise types, at most 1 MB.

Plain values are read as YAML 1.2 reads them, so that nothing turns into a number behind the writer's back: `072`,
`0x48`, `7_2`, `1:12` and dates stay text (YAML 1.1 makes 58, 72, 72, 72 and a date of them), `7e1` is a number. `yes`
and `no` stay answers, as people write them. Keys are text as written.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from osteogait.config import configuration
from osteogait.errors import CaseError

_PLAIN = {
    "bool": r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF",
    "int": r"[-+]?(0|[1-9][0-9]*)",
    "float": r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
    "null": r"~|null|Null|NULL|",
}
_RESOLVERS = [(f"tag:yaml.org,2002:{name}", re.compile(rf"(?:{text})\Z")) for name, text in _PLAIN.items()]


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader that refuses aliases, tags, merges, duplicate keys and keys that are not text."""

    yaml_implicit_resolvers: Any = {None: _RESOLVERS}  # noqa: RUF012 - how PyYAML declares it
    nodes = 0

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.most_nodes = configuration().limits.yaml_nodes

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        self.nodes += 1
        if isinstance(event, yaml.events.AliasEvent):
            raise CaseError("yaml_alias", line=line)
        if getattr(event, "tag", None) is not None:
            raise CaseError("yaml_tag", line=line, tag=event.tag)
        if self.nodes > self.most_nodes:
            raise CaseError("yaml_too_many", line=line, limit=self.most_nodes)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        content: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise CaseError("yaml_key", line=line)
            if key_node.value == "<<":
                raise CaseError("yaml_alias", line=line)
            if key_node.value in content:
                raise CaseError("yaml_duplicate", line=line, key=key_node.value)
            content[key_node.value] = self.construct_object(value_node, deep=deep)
        return content


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
    return content


def _read(path: Path) -> str:
    try:
        size, limit = path.stat().st_size, configuration().limits.yaml_bytes
        if size > limit:
            raise CaseError("file_too_large", file=path.name, size=size, limit=limit)
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaseError("not_utf8", file=path.name, byte=error.start) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CaseError("file_unreadable", file=str(path), reason=reason) from error
