"""The configuration: a tree of frozen dataclasses from one YAML file; every key has unit, default and reason.

The file is the one that `OSTEOGAIT_CONFIG` names, else /etc/osteogait/config.yaml where it exists, else there is none
and the defaults hold. An unknown key, a key given twice and a value of the wrong kind are refused with their line:
nothing in the file is ever ignored.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

from osteogait.errors import ConfigError

SITE_FILE = Path("/etc/osteogait/config.yaml")
SITE_KEYS = Path("/etc/osteogait/keys")
ENGINES = (
    "onnxruntime",
    "litert",
    "tflite-runtime",
)  # the names of osteofusion.engines, in order of preference
COUNTRIES = ("US", "CN")
SENSORS = ("auto", "bluetooth", "simulated")
ADDRESS = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")
HIGHEST_PORT = 65535
FILE_BYTES = 100_000  # the whole tree written out is about 1 kB

T = TypeVar("T")


class _Node:
    """A value of the file with its dotted key and line, so that a refusal can name both."""

    def __init__(self, node: yaml.Node, file: str, key: str) -> None:
        self.node, self.file, self.key = node, file, key

    def refusal(self, code: str, **more: object) -> ConfigError:
        """The error `code` at this place of the file."""
        line = self.node.start_mark.line + 1
        return ConfigError(code, file=self.file, line=line, key=self.key or "-", **more)

    @property
    def text(self) -> str:
        """The plain value as written; empty for a list, a block or nothing."""
        return str(self.node.value) if isinstance(self.node, yaml.ScalarNode) else ""

    def items(self) -> list[_Node]:
        """The entries of a list; empty when it is none."""
        found = self.node.value if isinstance(self.node, yaml.SequenceNode) else []
        return [_Node(item, self.file, self.key) for item in found]


def _count(found: _Node) -> int:
    if not (found.text.isascii() and found.text.isdigit() and int(found.text) > 0):
        raise found.refusal("config_wants_count", found=found.text)
    return int(found.text)


def _port(found: _Node) -> int:
    if _count(found) > HIGHEST_PORT:
        raise found.refusal("config_wants_port", found=found.text, limit=HIGHEST_PORT)
    return int(found.text)


def _folder(found: _Node) -> Path:
    if not Path(found.text).is_absolute():
        raise found.refusal("config_wants_folder", found=found.text)
    return Path(found.text)


def _engines(found: _Node) -> tuple[str, ...]:
    names = tuple(item.text for item in found.items())
    if not names or len(set(names)) < len(names) or not set(names) <= set(ENGINES):
        raise found.refusal("config_wants_engines", known=", ".join(ENGINES))
    return names


def _country(found: _Node) -> str:
    if found.text not in COUNTRIES:
        raise found.refusal("config_wants_choice", found=found.text, known=", ".join(COUNTRIES))
    return found.text


def _address(found: _Node) -> str:
    if not ADDRESS.fullmatch(found.text):
        raise found.refusal("config_wants_address", found=found.text)
    return found.text.upper()


def _text(found: _Node) -> str:
    if not found.text:
        raise found.refusal("config_wants_text")
    return found.text


def _names(found: _Node) -> tuple[str, ...]:
    names = tuple(item.text for item in found.items())
    if not names or not all(names):
        raise found.refusal("config_wants_names")
    return names


def _sensor(found: _Node) -> str:
    if found.text not in SENSORS:
        raise found.refusal("config_wants_choice", found=found.text, known=", ".join(SENSORS))
    return found.text


def _about(unit: str, reason: str, read: Callable[[_Node], object]) -> dict[str, object]:
    """What a key means: its unit ("-" where it has none), why its default is what it is, how it is read."""
    return {"unit": unit, "reason": reason, "read": read}


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on what the app reads, so that a wrong or hostile file cannot exhaust the box."""

    yaml_bytes: int = field(default=1_000_000, metadata=_about("B", "a case is a few kB", _count))
    yaml_nodes: int = field(
        default=20_000,
        metadata=_about("entries", "a full case has 300; a megabyte of brackets takes a minute", _count),
    )
    table_bytes: int = field(
        default=200_000_000, metadata=_about("B", "a national survey cycle is about 2 MB", _count)
    )
    recordings_per_case: int = field(
        default=50, metadata=_about("recordings", "a visit has about ten", _count)
    )


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which engines may answer, whose signatures are trusted, where installed models lie, which country holds."""

    engines: tuple[str, ...] = field(
        default=ENGINES,
        metadata=_about("-", "the first that reproduces the golden vectors answers", _engines),
    )
    trusted_keys: Path = field(
        default=SITE_KEYS,
        metadata=_about("folder", "only the administrator of the site writes there", _folder),
    )
    bundles: Path | None = field(
        default=None, metadata=_about("folder", "the folder models beside the database", _folder)
    )
    country: str = field(
        default="US", metadata=_about("-", "where a case names none: the country of the survey", _country)
    )

    @property
    def bundles_folder(self) -> Path:
        """Where installed models lie."""
        return self.bundles or data_folder() / "models"


@dataclass(frozen=True, slots=True)
class BluetoothSettings:
    """Through which adapter sensors are spoken to."""

    adapter: str | None = field(
        default=None,
        metadata=_about(
            "address", "the first that is on; a stick beside the built-in one is named", _address
        ),
    )


@dataclass(frozen=True, slots=True)
class StationSettings:
    """How the screen is reached, and which sensor the tests are done with."""

    host: str = field(
        default="127.0.0.1",
        metadata=_about("address", "this box alone, until a clinic decides otherwise", _text),
    )
    port: int = field(default=8080, metadata=_about("port", "above 1023: no rights needed", _port))
    hosts: tuple[str, ...] = field(
        default=(), metadata=_about("names", "other names of this box in the clinic's network", _names)
    )
    certificate: Path | None = field(
        default=None,
        metadata=_about("file", "none: browsers reach loopback without; a tablet needs one", _folder),
    )
    key: Path | None = field(default=None, metadata=_about("file", "of the certificate", _folder))
    sensor: str = field(
        default="auto",
        metadata=_about("-", "Bluetooth where there is an adapter, else a simulated person", _sensor),
    )
    simulate: str = field(
        default="", metadata=_about("words", "what goes wrong with the simulated sensor: nothing", _text)
    )


@dataclass(frozen=True, slots=True)
class Config:
    """The whole tree."""

    model: ModelSettings = field(default_factory=ModelSettings)
    bluetooth: BluetoothSettings = field(default_factory=BluetoothSettings)
    station: StationSettings = field(default_factory=StationSettings)
    limits: Limits = field(default_factory=Limits)


SECTIONS: dict[str, type[Any]] = {
    "model": ModelSettings,
    "bluetooth": BluetoothSettings,
    "station": StationSettings,
    "limits": Limits,
}


def configuration() -> Config:
    """The configuration in force; ConfigError when its file cannot be read or holds something wrong."""
    named = os.environ.get("OSTEOGAIT_CONFIG")
    if named:
        return read_config(Path(named))
    return read_config(SITE_FILE) if SITE_FILE.exists() else Config()


@cache
def read_config(path: Path) -> Config:
    """The configuration in `path`, read once in a process; ConfigError says what is wrong and in which line."""
    root = _root(path)
    pairs = [] if root is None else _pairs(_Node(root, str(path), ""), tuple(SECTIONS))
    return Config(**{name: _section(found, SECTIONS[name]) for name, found in pairs})


def _root(path: Path) -> yaml.Node | None:
    """The content of the file; None when it is empty."""
    try:
        content = path.read_bytes()
        if len(content) > FILE_BYTES:
            raise ConfigError("config_too_large", file=str(path), limit=FILE_BYTES)
        root: yaml.Node | None = yaml.compose(content.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError("config_unreadable", file=str(path), reason=reason) from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise ConfigError("yaml_syntax", file=str(path), line=mark.line + 1 if mark else 1) from error
    return root


def _section(found: _Node, kind: type[T]) -> T:
    keys: dict[str, Field[Any]] = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: keys[name].metadata["read"](value) for name, value in _pairs(found, tuple(keys))})


def _pairs(found: _Node, allowed: tuple[str, ...]) -> list[tuple[str, _Node]]:
    """Key and value of every line of a block; ConfigError for a key that is unknown or stands twice."""
    if not isinstance(found.node, yaml.MappingNode):
        raise found.refusal("config_wants_block")
    pairs: dict[str, _Node] = {}
    for key_node, value_node in found.node.value:
        name = str(key_node.value)
        key = _Node(key_node, found.file, f"{found.key}.{name}".lstrip("."))
        if name not in allowed:
            raise key.refusal("config_unknown_key", allowed=", ".join(allowed))
        if name in pairs:
            raise key.refusal("config_twice")
        pairs[name] = _Node(value_node, found.file, key.key)
    return list(pairs.items())


def data_folder() -> Path:
    """Where the app keeps its database: `OSTEOGAIT_DATA`, else the user's data folder."""
    named = os.environ.get("OSTEOGAIT_DATA")
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_data_dir("osteogait", appauthor=False))
