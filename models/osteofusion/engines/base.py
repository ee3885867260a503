"""What an engine is, which there are, and how one is opened by name."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from osteofusion.errors import EngineError
from osteofusion.parts import Parts, part

ENGINES = ("onnxruntime", "litert", "tflite-runtime")  # in order of preference
ONNX_FILE, TFLITE_FILE = "fusion.int8.onnx", "fusion.int8.tflite"
MODEL_FILES = {"onnxruntime": ONNX_FILE, "litert": TFLITE_FILE, "tflite-runtime": TFLITE_FILE}
MODULES = {"onnxruntime": "onnxruntime", "litert": "ai_edge_litert", "tflite-runtime": "tflite_runtime"}

Input = NDArray[np.float32]


class Engine(Protocol):
    """One inference runtime with one model loaded; its output holds `members` blocks of 32 logits.

    `oracle` names the rule by which it rounds: A (float, ties to even) or B (fixed point, see lab/oracle.py).
    """

    name: str
    version: str
    oracle: str
    width: int
    members: int

    def run(self, x: Input) -> NDArray[np.float32]:
        """Logits (n, members * 32) for network input (n, 2F), float32, every value finite."""
        ...


def open_engine(name: str, bundle: Parts) -> Engine:
    """The engine `name` with the model of `bundle`: its folder, or the content of an opened one.

    Raises EngineError when it is unknown or not installed, BundleError when its model file cannot be read.
    """
    if name == "onnxruntime":
        from osteofusion.engines.onnx_engine import OnnxEngine

        return OnnxEngine(part(bundle, ONNX_FILE))
    if name in ("litert", "tflite-runtime"):
        from osteofusion.engines.litert_engine import LiteEngine

        return LiteEngine(part(bundle, TFLITE_FILE), name)
    raise EngineError("engine_unknown", engine=name, known=", ".join(ENGINES))


def checked_shape(engine: Engine, logits: NDArray[np.float32], rows: int, width: int) -> NDArray[np.float32]:
    """`logits` as they are; EngineError when they are not (rows, width).

    A runtime that forgot a resize answers with the rows of another batch and says nothing.
    """
    if logits.shape != (rows, width):
        raise EngineError("engine_output", engine=engine.name, shape=logits.shape, expected=(rows, width))
    return logits
