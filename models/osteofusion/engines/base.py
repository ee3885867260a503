"""What an engine is, and how one is opened by name."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from osteofusion.errors import EngineError

ENGINES = ("onnxruntime", "litert", "tflite-runtime")  # in order of preference
MODEL_FILE = "fusion.int8.onnx"

Input = NDArray[np.float32]


class Engine(Protocol):
    """One inference runtime with one model loaded; its output holds `members` blocks of 32 logits."""

    name: str
    version: str
    width: int
    members: int

    def run(self, x: Input) -> NDArray[np.float32]:
        """Logits (n, members * 32) for network input (n, 2F), float32, every value finite."""
        ...


def open_engine(name: str, bundle: Path) -> Engine:
    """The engine `name` with the model of `bundle`; EngineError when it is unknown or not installed."""
    if name == "onnxruntime":
        from osteofusion.engines.onnx_engine import OnnxEngine

        return OnnxEngine(bundle / MODEL_FILE)
    raise EngineError("engine_unknown", engine=name, known=", ".join(ENGINES))
