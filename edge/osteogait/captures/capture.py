"""One captured characteristic value or command, as a line of JSON gives it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from osteogait.devices.reason import Reason, reason
from osteogait.errors import Rejected

Document = dict[str, Any]
WRITE = "write"
DIRECTIONS = ("notify", "indicate", "read", WRITE)
_SHORT = re.compile(r"[0-9a-f]{4}")
_SHOWN = 40
LONGEST = 512
"""Bytes of an attribute value (Core Specification, volume 3, part F, 3.2.9): no packet is longer."""
SMALLEST, LARGEST = 1e-12, 1e15
"""Beyond any scale, factor or rate of a sensor; within, no product leaves the range of a double."""


def refused(why: Reason) -> Rejected:
    """The error of a line that cannot be carried out."""
    return Rejected("capture_refused", reason=why)


def demand_known(what: str, found: str, known: Iterable[str]) -> None:
    """Rejected unless `found` is one of `known`."""
    if found not in (names := tuple(known)):
        raise refused(reason("none_of", what=what, found=_cut(repr(found)), known=", ".join(names)))


def _cut(shown: str) -> str:
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."


@dataclass(frozen=True, slots=True)
class Capture:
    """What was captured.

    device          whose protocol it is: og, witmotion, dot, movesense, polar, thingy52, metamotion, sig
    characteristic  full UUID, lower case
    direction       notify, indicate, read: to be decoded; write: `expected` is to be encoded, without it decoded too
    packets         values in order of arrival
    context         what the bytes do not say: scales, factors, paths
    """

    device: str
    characteristic: str
    direction: str
    packets: tuple[bytes, ...]
    context: Fields
    expected: Fields

    @classmethod
    def from_line(cls, line: str) -> Capture:
        """The capture on a line; Rejected when it is not one."""
        try:
            found = json.loads(line)
        except json.JSONDecodeError as error:
            raise refused(reason("capture_json", at=error.pos + 1)) from None
        except (ValueError, RecursionError):
            raise refused(reason("capture_json_beyond")) from None
        if not isinstance(found, dict):
            raise refused(reason("capture_object"))
        fields = Fields(found, reason("capture_line"))
        direction = fields.text("direction")
        demand_known("direction", direction, DIRECTIONS)
        encodes = direction == WRITE and (found.get("hex") is None or found.get("expected") is not None)
        packets = () if encodes else _packets(found.get("hex"))
        uuid = fields.text("characteristic").lower()
        if _SHORT.fullmatch(uuid):
            uuid = f"0000{uuid}-0000-1000-8000-00805f9b34fb"
        return cls(
            fields.text("device"),
            uuid,
            direction,
            packets,
            _object(found, "context"),
            _object(found, "expected"),
        )

    @property
    def packet(self) -> bytes:
        """The only packet; Rejected when there are several."""
        if len(self.packets) != 1:
            raise refused(reason("capture_one_packet"))
        return self.packets[0]


def _packets(given: object) -> tuple[bytes, ...]:
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(one, str) for one in texts):
        raise refused(reason("capture_hex_list"))
    try:
        packets = tuple(bytes.fromhex(one) for one in texts)
    except ValueError:
        raise refused(reason("capture_hex_digits")) from None
    longest = max(len(packet) for packet in packets)
    if longest > LONGEST:
        raise refused(reason("capture_long", size=longest, limit=LONGEST))
    return packets


def _object(found: Mapping[str, object], name: str) -> Fields:
    value = found.get(name)
    if value is not None and not isinstance(value, dict):
        raise refused(reason("capture_section", name=name))
    return Fields(value or {}, name)


class Fields:
    """Named values of a JSON object, each of a demanded type; Rejected says which one is missing or wrong."""

    def __init__(self, values: Mapping[str, object], where: str | Reason) -> None:
        """Read from `values`; `where` names the object in errors."""
        self._values, self._where = values, where
        self._asked: set[str] = set()

    def __contains__(self, name: str) -> bool:
        """True when the field is there and not null."""
        return self._values.get(name) is not None

    def number(self, name: str, default: float | None = None) -> float:
        """A number whose products stay numbers."""
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not -LARGEST <= value <= LARGEST:
            raise self._wrong(name, reason("capture_number", limit=f"{LARGEST:g}"))
        return float(value)

    def positive(self, name: str) -> float:
        """A scale, factor or rate."""
        value = self.number(name)
        if value < SMALLEST:
            raise self._wrong(name, reason("capture_positive", limit=f"{SMALLEST:g}"))
        return value

    def whole(self, name: str, high: int, default: int | None = None) -> int:
        """An integer from 0 to `high`; 100.0 is one."""
        value = self._get(name, default)
        integer = isinstance(value, int) and not isinstance(value, bool)
        if isinstance(value, float) and value.is_integer():
            value, integer = int(value), True
        if not integer or not isinstance(value, int) or not 0 <= value <= high:
            raise self._wrong(name, reason("capture_whole", limit=high))
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """A text of printable ASCII."""
        value = self._get(name, default)
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            raise self._wrong(name, reason("capture_text"))
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._get(name, None)
        if not isinstance(value, bool):
            raise self._wrong(name, reason("capture_flag"))
        return value

    def done(self) -> None:
        """Rejected when a field was given that nobody asked for: it would have been lost silently."""
        if left := sorted(set(self._values) - self._asked):
            names = _cut(", ".join(str(one) for one in left))
            raise refused(reason("capture_left", where=self._where, names=names))

    def _get(self, name: str, default: object) -> object:
        self._asked.add(name)
        value = self._values.get(name)
        if value is None:
            value = default
        if value is None:
            raise refused(reason("capture_lacks", where=self._where, name=name))
        return value

    def _wrong(self, name: str, wanted: Reason) -> Rejected:
        found = _cut(repr(self._values.get(name)))
        return refused(reason("capture_wrong", where=self._where, name=name, wanted=wanted, found=found))


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of a maker's table: how a characteristic is decoded, how a command to it is encoded, and decoded."""

    decode: Callable[[Capture], Document] | None = None
    encode: Callable[[Fields], bytes] | None = None
    command: Callable[[bytes], Document] | None = None


Table = Mapping[str, Kind]


def each(capture: Capture, decode: Callable[[bytes], Document]) -> Document:
    """The document of the only packet, or a list of them under `packets`."""
    documents = [decode(packet) for packet in capture.packets]
    return documents[0] if len(documents) == 1 else {"packets": documents}
