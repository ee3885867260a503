"""onnxruntime on one thread of the processor. The only file that imports it."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteofusion.engines.base import ONNX_FILE, Input, checked_shape
from osteofusion.errors import BundleError, EngineError
from osteofusion.heads import WIDTH

QUIET = 4  # only fatal errors: the runtime must not write on the user's terminal


def _runtime() -> Any:
    """The module, imported with its telemetry (a device id written on import) switched off."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import onnxruntime
    except ImportError as error:
        raise EngineError("engine_not_installed", engine="onnxruntime", reason=str(error)) from error
    onnxruntime.set_default_logger_severity(QUIET)
    return onnxruntime


class OnnxEngine:
    """One session on one thread.

    It keeps the memory of its largest batch (11 MB at 2,048 rows, the most that the predictor hands over): taking
    it anew from the system for every batch costs up to half the speed on a busy machine.
    """

    name, oracle = "onnxruntime", "A"

    def __init__(self, model: bytes) -> None:
        runtime = _runtime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = QUIET
        try:
            self._session = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the runtime raises classes of its own, not exported
            raise BundleError("bundle_not_understood", path=ONNX_FILE, reason=str(error)) from error
        self.version = str(runtime.__version__)
        self.width = int(self._session.get_inputs()[0].shape[1])
        self.members = int(self._session.get_outputs()[0].shape[1]) // WIDTH

    @property
    def metadata(self) -> dict[str, str]:
        """What the model file says of itself."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def run(self, x: Input) -> NDArray[np.float32]:
        """Logits (n, members * 32); EngineError when the runtime returns another shape."""
        logits: NDArray[np.float32] = self._session.run(None, {"x": x})[0]
        return checked_shape(self, logits, len(x), self.members * WIDTH)
