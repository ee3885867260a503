"""Writes the integer members as one TFLite file, from the same integers as the ONNX file.

Notes
-----
Five operators only, in versions that tflite-runtime 2.14 takes: QUANTIZE 1, FULLY_CONNECTED 4, MUL 2, DEQUANTIZE 2,
CONCATENATION 1. Operators that bake in a batch size of one (SLICE, RESHAPE) are left out: after a resize they answer
with wrong rows and no error. int8 with zero point 0 at the input and -128 at activations, so that a step 0..255 of the
oracle is the same number less 128. Tensors have shape [1, k] and signature [-1, k]; the runtime resizes them to n.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from osteofusion.lab.quantize import (
    ACTIVATION_SCALE,
    INPUT_SCALE,
    PRODUCT_SCALE,
    IntegerLayer,
    IntegerMember,
)

SCHEMA_VERSION, FILE_IDENTIFIER = 3, b"TFL3"
DATA_ALIGNMENT = 16  # of tensor data, as the schema of the format demands; its Python writer forgets it
LOWEST = -128  # the int8 step of zero of an activation
VERSIONS = {"QUANTIZE": 1, "FULLY_CONNECTED": 4, "MUL": 2, "DEQUANTIZE": 2, "CONCATENATION": 1}
OPTIONS = {
    "FULLY_CONNECTED": ("FullyConnectedOptions", {}),
    "MUL": ("MulOptions", {}),
    "CONCATENATION": ("ConcatenationOptions", {"axis": 1}),
}
Scale = tuple[Any, int]  # scale of every channel or of all, and zero point
INPUT: Scale = (INPUT_SCALE, 0)
ACTIVATION: Scale = (ACTIVATION_SCALE, LOWEST)
PRODUCT: Scale = (PRODUCT_SCALE, LOWEST)


class _SharedBuilder(flatbuffers.Builder):  # type: ignore[misc]
    """Equal vectors are written once (zero points would fill a tenth of the file), tensor data are aligned."""

    def __init__(self) -> None:
        super().__init__(1 << 20)
        self._written: dict[tuple[str, bytes], int] = {}

    def CreateNumpyVector(self, x: np.ndarray) -> int:  # noqa: N802 - the name in flatbuffers
        key = (x.dtype.str, x.tobytes())
        if key not in self._written:
            if x.dtype == np.uint8:
                self.Prep(DATA_ALIGNMENT, x.nbytes)
            self._written[key] = super().CreateNumpyVector(x)
        return self._written[key]


class Graph:
    """Tensors, buffers and operators in the order of the data flow, so that equal members give equal bytes."""

    def __init__(self) -> None:
        self.tensors: list[Any] = []
        self.buffers: list[Any] = [schema.BufferT()]  # the first one is empty by convention
        self.operators: list[Any] = []

    def tensor(self, name: str, shape: Sequence[int], kind: str, scale: Scale | None = None) -> int:
        """Index of a new tensor."""
        tensor = schema.TensorT()
        tensor.name, tensor.shape = name.encode(), np.array(shape, np.int32)
        tensor.type = getattr(schema.TensorType, kind)
        if scale is not None:
            scales = np.atleast_1d(np.asarray(scale[0], np.float32))
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale = scales
            tensor.quantization.zeroPoint = np.full(len(scales), scale[1], np.int64)
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def rows(self, name: str, width: int, kind: str, scale: Scale | None = None) -> int:
        """Index of a tensor of any number of rows."""
        index = self.tensor(name, [1, width], kind, scale)
        self.tensors[index].shapeSignature = np.array([-1, width], np.int32)
        return index

    def constant(self, name: str, value: np.ndarray, scale: Scale | None = None) -> int:
        """Index of a constant tensor."""
        index = self.tensor(name, value.shape, value.dtype.name.upper(), scale)
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(value).tobytes(), np.uint8)
        self.buffers.append(buffer)
        self.tensors[index].buffer = len(self.buffers) - 1
        return index

    def run(self, kind: str, inputs: Sequence[int], output: int) -> int:
        """Index of the output of a new operator."""
        operator = schema.OperatorT()
        operator.opcodeIndex = list(VERSIONS).index(kind)
        operator.inputs, operator.outputs = np.array(inputs, np.int32), np.array([output], np.int32)
        if kind in OPTIONS:
            name, values = OPTIONS[kind]
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, name)
            operator.builtinOptions = getattr(schema, f"{name}T")()
            vars(operator.builtinOptions).update(values)
        self.operators.append(operator)
        return output

    def layer(self, name: str, layer: IntegerLayer, value: int) -> int:
        """A fully connected layer whose saturation is its clamp."""
        weight = self.constant(f"{name}_w", layer.weight.T, (layer.weight_scale, 0))
        bias = self.constant(f"{name}_b", layer.bias, (layer.input_scale * layer.weight_scale, 0))
        output = self.rows(name, len(layer.bias), "INT8", ACTIVATION)
        return self.run("FULLY_CONNECTED", [value, weight, bias], output)

    def floats(self, name: str, value: int, width: int) -> int:
        """The numbers behind steps."""
        return self.run("DEQUANTIZE", [value], self.rows(name, width, "FLOAT32"))

    def member(self, name: str, member: IntegerMember, x: int, x_floats: int) -> int:
        """Logits of one member."""
        layers, units = member.layers, {key: len(layer.bias) for key, layer in member.layers.items()}
        hidden = self.layer(f"{name}e2", layers["e2"], self.layer(f"{name}e1", layers["e1"], x))
        gates = self.layer(f"{name}g", layers["g"], hidden)
        gated = self.run("MUL", [hidden, gates], self.rows(f"{name}h", units["g"], "INT8", PRODUCT))
        context = self.layer(f"{name}f", layers["f"], gated)
        gain = self.layer(f"{name}gam", layers["gam"], context)
        rising = self.layer(f"{name}phi", layers["phi"], x)
        bone = self.run("MUL", [rising, gain], self.rows(f"{name}u", units["phi"], "INT8", PRODUCT))
        parts = [
            self.floats(f"{name}uf", bone, units["phi"]),
            self.floats(f"{name}cf", context, units["f"]),
            x_floats,
        ]
        last = self.run("CONCATENATION", parts, self.rows(f"{name}last", len(member.out), "FLOAT32"))
        weights = [self.constant(f"{name}out", member.out.T), self.constant(f"{name}out_b", member.out_bias)]
        logits = self.rows(f"{name}logits", len(member.out_bias), "FLOAT32")
        return self.run("FULLY_CONNECTED", [last, *weights], logits)


def build(members: Sequence[IntegerMember], metadata: Mapping[str, str]) -> bytes:
    """The TFLite file of all members: input "x" (n, 2F), output "logits" (n, members * 32)."""
    graph, width = Graph(), members[0].layers["e1"].weight.shape[0]
    x = graph.rows("x", width, "FLOAT32")
    steps = graph.run("QUANTIZE", [x], graph.rows("x_q", width, "INT8", INPUT))
    floats = graph.floats("x_d", steps, width)
    logits = [graph.member(f"m{number}_", member, steps, floats) for number, member in enumerate(members)]
    output = graph.rows("logits", sum(len(member.out_bias) for member in members), "FLOAT32")
    graph.run("CONCATENATION", logits, output)
    return packed(graph, x, output, metadata)


def packed(graph: Graph, x: int, output: int, metadata: Mapping[str, str]) -> bytes:
    """The bytes of a file of one graph, with its facts as metadata."""
    subgraph, model = schema.SubGraphT(), schema.ModelT()
    subgraph.name, subgraph.tensors, subgraph.operators = b"osteofusion", graph.tensors, graph.operators
    subgraph.inputs, subgraph.outputs = np.array([x], np.int32), np.array([output], np.int32)
    model.version, model.description = SCHEMA_VERSION, b"osteofusion.lab"
    model.operatorCodes = [_operator_code(kind, version) for kind, version in VERSIONS.items()]
    model.subgraphs, model.buffers, model.metadata = [subgraph], graph.buffers, []
    for name, text in metadata.items():
        entry, buffer = schema.MetadataT(), schema.BufferT()
        buffer.data = np.frombuffer(text.encode(), np.uint8)
        model.buffers.append(buffer)
        entry.name, entry.buffer = name.encode(), len(model.buffers) - 1
        model.metadata.append(entry)
    builder = _SharedBuilder()
    builder.Finish(model.Pack(builder), FILE_IDENTIFIER)
    return bytes(builder.Output())


def _operator_code(kind: str, version: int) -> Any:
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, kind)
    code.version = version
    return code


def write(path: Path, members: Sequence[IntegerMember], metadata: Mapping[str, str]) -> None:
    """Write the TFLite file; the same members and metadata give the same bytes."""
    path.write_bytes(build(members, metadata))
