"""LiteRT and its predecessor tflite-runtime, which share one interface. The only file that imports either.

Notes
-----
LiteRT computes in XNNPACK by rounding rule A. tflite-runtime 2.14 computes in fixed point by rule B; it needs Python
3.11 and numpy below 2: with a newer numpy it imports and fails at first use.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteofusion.engines.base import MODULES, TFLITE_FILE, Input, checked_shape
from osteofusion.errors import BundleError, EngineError
from osteofusion.heads import WIDTH

ORACLES = {"litert": "A", "tflite-runtime": "B"}


class LiteEngine:
    """One interpreter on one thread, resized to the number of rows; calls from several threads wait for each other."""

    def __init__(self, model: bytes, name: str) -> None:
        package, runtime = _runtime(name)
        self.name, self.version, self.oracle = name, str(package.__version__), ORACLES[name]
        self._lock = Lock()
        try:
            with _quiet():
                self._interpreter = runtime.Interpreter(model_content=model, num_threads=1)
                self._interpreter.allocate_tensors()
        except Exception as error:  # the runtimes raise ValueError and RuntimeError of many causes
            raise BundleError("bundle_not_understood", path=TFLITE_FILE, reason=str(error)) from error
        (given,), (found,) = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self._input, self._output, self._rows = int(given["index"]), int(found["index"]), 1
        self.width, self._logits = int(given["shape"][1]), int(found["shape"][1])
        self.members = self._logits // WIDTH

    def run(self, x: Input) -> NDArray[np.float32]:
        """Logits (n, members * 32); EngineError when the runtime fails or returns another shape."""
        with self._lock:
            logits = self._answer(x)
        return checked_shape(self, logits, len(x), self._logits)

    def _answer(self, x: Input) -> NDArray[np.float32]:
        interpreter = self._interpreter
        try:
            if len(x) != self._rows:
                interpreter.resize_tensor_input(self._input, [len(x), self.width], strict=True)
                interpreter.allocate_tensors()
                self._rows = len(x)
            interpreter.set_tensor(self._input, x)
            interpreter.invoke()
            logits: NDArray[np.float32] = interpreter.get_tensor(self._output)
        except (RuntimeError, ValueError) as error:
            self._rows = -1  # whatever was half done is done anew
            raise EngineError("engine_failed", engine=self.name, reason=str(error)) from error
        return logits


def _runtime(name: str) -> tuple[Any, Any]:
    """Package and interpreter module of the runtime `name`; EngineError when it is not installed or cannot work."""
    try:
        package = import_module(MODULES[name])
    except ImportError as error:
        raise EngineError("engine_not_installed", engine=name, reason=str(error)) from error
    if name == "tflite-runtime" and int(np.__version__.split(".")[0]) > 1:
        reason = f"it needs numpy below 2, numpy {np.__version__} is installed"
        raise EngineError("engine_not_installed", engine=name, reason=reason)
    try:
        return package, import_module(f"{MODULES[name]}.interpreter")
    except ImportError as error:
        raise EngineError("engine_not_installed", engine=name, reason=str(error)) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps the runtime's greeting off the terminal: it is written by native code, straight to the error stream."""
    sys.stderr.flush()
    terminal, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
        os.close(nowhere)
