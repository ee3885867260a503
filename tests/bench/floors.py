"""The least that each runtime can do: a graph that hands its input on, and one of a single layer.

What one row of the model costs is compared with these in the same run, so that the figure says something about the
model and not about the machine.
"""

from __future__ import annotations

import numpy as np

from osteofusion.lab import tflite_file

OPSET, IR_VERSION, FLOAT = 18, 9, 1


def _varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, *content: bytes) -> bytes:
    joined = b"".join(content)
    return _varint(field << 3 | 2) + _varint(len(joined)) + joined


def identity_onnx(width: int) -> bytes:
    """An ONNX file of one Identity node over float [n, width], in the wire format of its protocol buffer."""
    shape = _bytes(2, _bytes(1, _bytes(2, b"n")), _bytes(1, _number(1, width)))
    kind = _bytes(2, _bytes(1, _number(1, FLOAT), shape))
    node = _bytes(1, _bytes(1, b"x"), _bytes(2, b"y"), _bytes(4, b"Identity"))
    ends = [_bytes(field, _bytes(1, name), kind) for field, name in ((11, b"x"), (12, b"y"))]
    graph = _bytes(7, node, _bytes(2, b"floor"), *ends)
    return _number(1, IR_VERSION) + graph + _bytes(8, _number(2, OPSET))


def one_layer_tflite(width: int, outputs: int) -> bytes:
    """A TFLite file of one fully connected layer of floats, [n, width] to [n, outputs]."""
    graph = tflite_file.Graph()
    x = graph.rows("x", width, "FLOAT32")
    weights = np.random.default_rng(1).standard_normal((outputs, width)).astype(np.float32)
    inputs = [x, graph.constant("w", weights), graph.constant("b", np.zeros(outputs, np.float32))]
    y = graph.run("FULLY_CONNECTED", inputs, graph.rows("y", outputs, "FLOAT32"))
    return tflite_file.packed(graph, x, y, {})
