"""Writes the integer members as one ONNX file: QDQ pairs that onnxruntime fuses into integer kernels.

Notes
-----
uint8 everywhere with zero point 128 at the input: with int8 in and uint8 out onnxruntime does not fuse and
silently computes in float. All members share the quantized input; the output is their logits side by side,
(n, members * 32).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from osteofusion.lab.quantize import (
    ACTIVATION_SCALE,
    INPUT_SCALE,
    INPUT_ZERO,
    PRODUCT_SCALE,
    IntegerLayer,
    IntegerMember,
)

OPSET, IR_VERSION = 18, 9


class Graph:
    """Nodes and constants in the order of the data flow; stable names, so equal members give equal bytes."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, TensorProto] = {}
        self.scales = {"x": INPUT_SCALE, "a": ACTIVATION_SCALE, "p": PRODUCT_SCALE}
        for name, scale in self.scales.items():
            self.constant(f"scale_{name}", np.asarray(scale, np.float32))
            self.constant(f"zero_{name}", np.asarray(INPUT_ZERO if name == "x" else 0, np.uint8))

    def constant(self, name: str, value: np.ndarray) -> str:
        """Name of a constant tensor."""
        self.constants[name] = numpy_helper.from_array(value, name)
        return name

    def node(self, kind: str, inputs: Sequence[str], output: str, **attributes: int) -> str:
        """Name of the output of a new node."""
        self.nodes.append(helper.make_node(kind, list(inputs), [output], name=output, **attributes))
        return output

    def rounded(self, value: str, scale: str) -> str:
        """`value` through a quantizer and back: the pair that engines fuse."""
        steps = self.node("QuantizeLinear", [value, f"scale_{scale}", f"zero_{scale}"], f"{value}_q")
        return self.node("DequantizeLinear", [steps, f"scale_{scale}", f"zero_{scale}"], f"{value}_d")

    def layer(self, prefix: str, layer: IntegerLayer, value: str) -> str:
        """A fully connected layer whose quantizer is also its clamp."""
        weight = self.constant(f"{prefix}_w", layer.weight)
        scale = self.constant(f"{prefix}_s", layer.weight_scale)
        bias = self.constant(f"{prefix}_b", layer.bias)
        bias_scale = self.constant(f"{prefix}_bs", layer.input_scale * layer.weight_scale)
        zero = self.constant(f"{prefix}_z", np.zeros(len(layer.weight_scale), np.int8))
        w = self.node("DequantizeLinear", [weight, scale, zero], f"{prefix}_wd", axis=1)
        b = self.node("DequantizeLinear", [bias, bias_scale], f"{prefix}_bd", axis=0)
        return self.rounded(self.node("Gemm", [value, w, b], prefix), "a")

    def member(self, number: int, member: IntegerMember, x: str) -> str:
        """Logits of one member."""
        layers = {name: (f"m{number}_{name}", layer) for name, layer in member.layers.items()}
        hidden = self.layer(*layers["e2"], self.layer(*layers["e1"], x))
        gated = self.rounded(
            self.node("Mul", [hidden, self.layer(*layers["g"], hidden)], f"m{number}_h"), "p"
        )
        context = self.layer(*layers["f"], gated)
        gain = self.layer(*layers["gam"], context)
        bone = self.rounded(self.node("Mul", [self.layer(*layers["phi"], x), gain], f"m{number}_u"), "p")
        last = self.node("Concat", [bone, context, x], f"m{number}_last", axis=1)
        out = self.constant(f"m{number}_out", member.out)
        bias = self.constant(f"m{number}_out_b", member.out_bias)
        return self.node("Gemm", [last, out, bias], f"m{number}_logits")


def build(members: Sequence[IntegerMember], metadata: Mapping[str, str]) -> ModelProto:
    """The checked ONNX model of all members."""
    graph = Graph()
    x = graph.rounded("x", "x")
    logits = [graph.member(number, member, x) for number, member in enumerate(members)]
    graph.node("Concat", logits, "logits", axis=1)
    width_in, width_out = members[0].layers["e1"].weight.shape[0], len(members[0].out_bias) * len(members)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "osteofusion",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", width_in])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", width_out])],
            list(graph.constants.values()),
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="osteofusion.lab",
    )
    helper.set_model_props(model, dict(metadata))
    checker.check_model(model, full_check=True)
    return model


def write(path: Path, members: Sequence[IntegerMember], metadata: Mapping[str, str]) -> None:
    """Write the ONNX file; the same members and metadata give the same bytes."""
    path.write_bytes(build(members, metadata).SerializeToString(deterministic=True))
