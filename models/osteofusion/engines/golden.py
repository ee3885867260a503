"""The golden vectors of a bundle: inputs on the grid, and what each rounding rule makes of them."""

from __future__ import annotations

import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteofusion.compiled import compiled_entry
from osteofusion.encode import GRID
from osteofusion.errors import BundleError
from osteofusion.heads import OUTCOMES, WIDTH
from osteofusion.parts import Parts, part

GOLDEN_FILE, GOLDEN_SCHEMA = "golden.json", "osteofusion.golden/2"

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Golden:
    """Inputs (v, 2F) on the grid; expected logits (v, members, 32) by rule; probabilities (v, 4) of the mean by A."""

    x: NDArray[np.float32]
    logits: Mapping[str, Table]
    probabilities: Table


def read_golden(bundle: Parts) -> Golden:
    """The golden vectors of `bundle`; BundleError when they are missing, cut or not understood."""
    source = part(bundle, GOLDEN_FILE)
    try:
        packed = compiled_entry(bundle, GOLDEN_FILE, source)
        return _parsed(source) if packed is None else _unpacked(packed)
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError("bundle_not_understood", path=GOLDEN_FILE, reason=repr(error)) from error


def packed_golden(source: bytes) -> dict[str, Any]:
    """The vectors of golden.json as raw arrays for compiled.json; ValueError and others when it is not understood."""
    golden = _parsed(source)
    arrays: dict[str, NDArray[Any]] = {
        "x": golden.x,
        "A": golden.logits["A"],
        "B": golden.logits["B"],
        "probabilities": golden.probabilities,
    }
    return {name: _packed(array) for name, array in arrays.items()}


def _packed(array: NDArray[Any]) -> dict[str, Any]:
    plain = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    text = binascii.b2a_base64(plain.tobytes(), newline=False).decode("ascii")
    return {"type": plain.dtype.str, "shape": list(plain.shape), "base64": text}


def _unpacked(entry: Mapping[str, Any]) -> Golden:
    arrays = {
        name: np.frombuffer(binascii.a2b_base64(one["base64"]), one["type"]).reshape(one["shape"])
        for name, one in entry.items()
    }
    return Golden(arrays["x"], {rule: arrays[rule] for rule in ("A", "B")}, arrays["probabilities"])


def _parsed(source: bytes) -> Golden:
    content: dict[str, Any] = json.loads(source)
    if content["schema"] != GOLDEN_SCHEMA:
        raise ValueError(content["schema"])
    return _golden(content["vectors"])


def _golden(vectors: list[dict[str, Any]]) -> Golden:
    steps = np.array([vector["x"] for vector in vectors], np.float32)
    logits = {
        rule: np.array([vector[f"logits_{rule.lower()}"] for vector in vectors], np.float64).reshape(
            len(steps), -1, WIDTH
        )
        for rule in ("A", "B")
    }
    chances = np.array([vector["probabilities"] for vector in vectors], np.float64)
    if steps.ndim != 2 or chances.shape != (len(steps), len(OUTCOMES)):
        raise ValueError(f"shapes {steps.shape} and {chances.shape}")
    return Golden(steps * np.float32(GRID), logits, chances)
