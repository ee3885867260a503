"""Writes the integer members as one ONNX file: QDQ pairs that onnxruntime fuses into integer kernels.

Notes
-----
All members share one graph, layer by layer: a layer of every member at once is a 1 x 1 convolution in as many groups
as there are members, over rows laid out as [1, units, n]. The arithmetic is that of separate layers, to the bit; the
nodes are a fifth, and nodes are what a single row costs. uint8 activations with int8 weights everywhere, zero point
128 at the input: with int8 in and uint8 out onnxruntime does not fuse and silently computes in float. The output is
the members' logits side by side, (n, members * 32).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from osteofusion.lab.network import CONTEXT, PHI
from osteofusion.lab.quantize import ACTIVATION_SCALE, INPUT_SCALE, INPUT_ZERO, PRODUCT_SCALE, IntegerMember

OPSET, IR_VERSION = 18, 9
ZEROS = {"x": INPUT_ZERO, "a": 0, "p": 0}
SCALES = {"x": INPUT_SCALE, "a": ACTIVATION_SCALE, "p": PRODUCT_SCALE}  # input, activations, products of two


class Graph:
    """Nodes and constants in the order of the data flow; stable names, so equal members give equal bytes."""

    def __init__(self, members: Sequence[IntegerMember]) -> None:
        self.members = members
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, TensorProto] = {}
        for name, scale in SCALES.items():
            self.constant(f"scale_{name}", np.asarray(scale, np.float32))
            self.constant(f"zero_{name}", np.asarray(ZEROS[name], np.uint8))

    def constant(self, name: str, value: np.ndarray) -> str:
        """Name of a constant tensor."""
        self.constants[name] = numpy_helper.from_array(value, name)
        return name

    def node(self, kind: str, inputs: Sequence[str], output: str, **attributes: int | list[int]) -> str:
        """Name of the output of a new node."""
        self.nodes.append(helper.make_node(kind, list(inputs), [output], name=output, **attributes))
        return output

    def steps(self, value: str, scale: str) -> str:
        """`value` rounded to the steps of a scale; saturation is the clamp of the network."""
        return self.node("QuantizeLinear", [value, f"scale_{scale}", f"zero_{scale}"], f"{value}_q")

    def read(self, steps: str, scale: str) -> str:
        """The numbers behind `steps`; one reader a tensor, so that pairs fuse."""
        name = f"{steps}_d"
        if any(node.name == name for node in self.nodes):
            return name
        return self.node("DequantizeLinear", [steps, f"scale_{scale}", f"zero_{scale}"], name)

    def layer(self, name: str, steps: str, scale: str, groups: int) -> str:
        """Steps of the layer `name` of every member, side by side."""
        layers = [member.layers[name] for member in self.members]
        weight_scale = np.concatenate([layer.weight_scale for layer in layers])
        weight = self.constant(f"{name}_w", _kernel([layer.weight for layer in layers]))
        scales = self.constant(f"{name}_s", weight_scale)
        zeros = self.constant(f"{name}_z", np.zeros(len(weight_scale), np.int8))
        bias = self.constant(f"{name}_b", np.concatenate([layer.bias for layer in layers]))
        bias_scale = self.constant(f"{name}_bs", layers[0].input_scale * weight_scale)
        w = self.node("DequantizeLinear", [weight, scales, zeros], f"{name}_wd", axis=0)
        b = self.node("DequantizeLinear", [bias, bias_scale], f"{name}_bd", axis=0)
        sums = self.node("Conv", [self.read(steps, scale), w, b], name, group=groups, kernel_shape=[1])
        return self.steps(sums, "a")

    def product(self, name: str, first: str, second: str) -> str:
        """Steps of the product of two activations."""
        return self.steps(self.node("Mul", [self.read(first, "a"), self.read(second, "a")], name), "p")

    def last(self, name: str, value: str, rows: slice) -> str:
        """Float logits of every member from its own part of `value`: `rows` of its last weights."""
        weight = self.constant(name, _kernel([member.out[rows] for member in self.members]))
        groups = len(self.members)
        return self.node("Conv", [value, weight], f"logits_{name}", group=groups, kernel_shape=[1])

    def logits(self, bone: str, context: str, x: str) -> str:
        """Logits (n, members * 32): bone and context of each member, and the input that all share."""
        both = [
            self.last("out_u", self.read(bone, "p"), slice(0, PHI)),
            self.last("out_c", self.read(context, "a"), slice(PHI, PHI + CONTEXT)),
        ]
        added = self.node("Squeeze", [self.node("Add", both, "hidden"), "first"], "hidden_columns")
        hidden = self.node("Transpose", [added], "hidden_rows", perm=[1, 0])
        weight = np.concatenate([member.out[PHI + CONTEXT :] for member in self.members], axis=1)
        bias = np.concatenate([member.out_bias for member in self.members])
        shared = [self.read(x, "x"), self.constant("out_x", weight), self.constant("out_b", bias)]
        return self.node("Add", [hidden, self.node("Gemm", shared, "linear")], "logits")


def _kernel(weights: Sequence[np.ndarray]) -> np.ndarray:
    """Weights (in, out) of the members as one kernel (members * out, in, 1)."""
    return np.ascontiguousarray(np.concatenate([weight.T for weight in weights])[:, :, None])


def _flow(graph: Graph) -> None:
    """The network, from "x" to "logits"."""
    groups = len(graph.members)
    layer: Callable[..., str] = graph.layer
    x = graph.steps("x", "x")
    first = graph.constant("first", np.array([0], np.int64))
    columns = graph.node(
        "Unsqueeze", [graph.node("Transpose", [x], "columns", perm=[1, 0]), first], "x_columns"
    )
    hidden = layer("e2", layer("e1", columns, "x", 1), "a", groups)
    gated = graph.product("h", hidden, layer("g", hidden, "a", groups))
    context = layer("f", gated, "p", groups)
    bone = graph.product("u", layer("phi", columns, "x", 1), layer("gam", context, "a", groups))
    graph.logits(bone, context, x)


def build(members: Sequence[IntegerMember], metadata: Mapping[str, str]) -> ModelProto:
    """The checked ONNX model of all members."""
    graph = Graph(members)
    _flow(graph)
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
