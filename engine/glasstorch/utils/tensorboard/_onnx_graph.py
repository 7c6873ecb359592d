"""The graph in an ONNX file, for TensorBoard."""

from __future__ import annotations

from typing import Any

from tensorboard.compat.proto.attr_value_pb2 import AttrValue
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.node_def_pb2 import NodeDef
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.versions_pb2 import VersionDef

from ._graph import PRODUCER


def load_onnx_graph(fname: Any) -> GraphDef:
    """Read an ONNX file. ImportError without the package ``onnx``."""
    try:
        import onnx
    except ImportError as error:
        raise ImportError(
            "add_onnx_graph() needs the package onnx, which is not installed here: pip install onnx",
            name="onnx",
        ) from error
    return parse(onnx.load(fname).graph)


def parse(graph: Any) -> GraphDef:
    """The messages of an ONNX graph: its inputs and outputs as variables, its operations by their first output."""
    nodes = [_variable(value) for value in (*graph.input, *graph.output)]
    for node in graph.node:
        parameters = ", ".join(
            " = ".join(str(value) for _, value in attribute.ListFields()) for attribute in node.attribute
        )
        nodes.append(
            NodeDef(
                name=node.output[0],
                op=node.op_type,
                input=node.input,
                attr={"parameters": AttrValue(s=parameters.encode())},
            )
        )
    return GraphDef(node=nodes, versions=VersionDef(producer=PRODUCER))


def _variable(value: Any) -> NodeDef:
    kind = value.type.tensor_type
    shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=d.dim_value) for d in kind.shape.dim])
    return NodeDef(
        name=value.name,
        op="Variable",
        attr={"dtype": AttrValue(type=kind.elem_type), "shape": AttrValue(shape=shape)},
    )
