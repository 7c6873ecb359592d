"""A model's graph for TensorBoard, from the tape of one forward.

Every operation is a node whose name begins with the modules it ran in (``CNN/Sequential[head]/Linear[1]/linear``),
so that TensorBoard can fold the graph module by module. Parameters and buffers stand in the module that owns them.
"""

from __future__ import annotations

import contextlib
import inspect
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tensorboard.compat.proto.attr_value_pb2 import AttrValue
from tensorboard.compat.proto.config_pb2 import RunMetadata
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.node_def_pb2 import NodeDef
from tensorboard.compat.proto.step_stats_pb2 import DeviceStepStats, StepStats
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.versions_pb2 import VersionDef

from ...autograd.graph import Graph, GraphNode, Tape
from ...core.tensor import Tensor
from ...nn import Module

PRODUCER = 22  # the version of the graph format that PyTorch's files state


def graph(
    model: Module, args: Any, verbose: bool = False, use_strict_trace: bool = True
) -> tuple[GraphDef, RunMetadata]:
    """Run ``model`` once, in evaluation mode, and return its graph and the (empty) times of its nodes.

    ``args``: a tensor, or a tuple or list of arguments: tensors, and lists, tuples and dictionaries of tensors.
    ``verbose`` prints the nodes. Without ``use_strict_trace`` the model may return a dictionary.
    Raises RuntimeError for other arguments and results, and whatever the model raises.
    """
    with _in_evaluation_mode(model):
        try:
            nodes = _traced(model, args, use_strict_trace)
        except RuntimeError as error:
            print(error)  # noqa: T201
            print("Error occurs, No graph saved")  # noqa: T201
            raise
    if verbose:
        for node in nodes:
            print(f"{node.name}: {node.op}({', '.join(node.input)})")  # noqa: T201
    times = RunMetadata(step_stats=StepStats(dev_stats=[DeviceStepStats(device="/device:CPU:0")]))
    return GraphDef(node=nodes, versions=VersionDef(producer=PRODUCER)), times


@contextlib.contextmanager
def _in_evaluation_mode(model: Module) -> Iterator[None]:
    """Every module in evaluation mode, and each back in its own mode afterwards."""
    model.training  # noqa: B018  (AttributeError for what is no model)
    before = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in before:
            module.training = training


def _traced(model: Module, args: Any, strict: bool) -> list[NodeDef]:
    if args is None:
        raise RuntimeError(
            "add_graph() runs the model once and needs input_to_model: a tensor, or a tuple of arguments"
        )
    args = tuple(args) if isinstance(args, (tuple, list)) else (args,)
    tape = Tape()
    inputs: dict[str, str] = {}
    parameters = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    with tape:
        for title, tensor in _named_inputs(model, args):
            inputs.setdefault(tape.given(tensor, title), f"input/{title}")
        owners = {tape.given(tensor, name): name for name, tensor in parameters.items()}
        results = model(*args)
    roots = _tensors_of(results, strict)
    return _Names(model, inputs, owners).nodes(tape, tape.graph(*roots), roots)


# ---------------------------------------------------------------------- arguments and results
def _named_inputs(model: Module, args: tuple) -> Iterator[tuple[str, Tensor]]:
    """Every tensor among the arguments, by the name that ``forward`` gives it."""
    try:
        bound = inspect.signature(model.forward).bind(*args).arguments
    except TypeError:  # the model itself will say what does not fit
        bound = {f"input.{k}": a for k, a in enumerate(args)}
    for name, value in bound.items():
        yield from _flat(name, value)


def _flat(name: str, value: Any) -> Iterator[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _flat(f"{name}.{key}", part)
    elif isinstance(value, (tuple, list)):
        for k, part in enumerate(value):
            yield from _flat(f"{name}.{k}", part)
    else:
        raise RuntimeError(
            f"Type '{type(value).__name__}' (argument {name!r}) cannot be traced. Only Tensors and (possibly nested) "
            "Lists, Dicts, and Tuples of Tensors can be traced"
        )


def _tensors_of(results: Any, strict: bool) -> list[Tensor]:
    if results is None:
        raise RuntimeError("The traced function didn't return any values! There is nothing to draw.")
    if strict and isinstance(results, dict):
        raise RuntimeError(
            "Encountering a dict at the output of the tracer might cause the trace to be incorrect. "
            "If its keys never change, pass use_strict_trace=False."
        )
    try:
        return [tensor for _, tensor in _flat("output", results)]
    except RuntimeError:
        raise RuntimeError(
            "Only tensors, lists, tuples of tensors, or dictionary of tensors can be output from traced functions"
        ) from None


# ---------------------------------------------------------------------- names and messages
class _Names:
    """What each node is called: inputs and parameters by what they are, operations by module, counted."""

    def __init__(self, model: Module, inputs: dict[str, str], owners: dict[str, str]) -> None:
        self.root = type(model).__name__
        self.types = {path: type(module).__name__ for path, module in model.named_modules()}
        self.inputs, self.owners = inputs, owners
        self.taken: Counter[str] = Counter()

    def scope(self, path: str) -> str:
        """``CNN/Sequential[head]/Linear[1]`` for ``head.1``."""
        parts, names = path.split(".") if path else [], [self.root]
        for k, part in enumerate(parts):
            kind = self.types.get(".".join(parts[: k + 1]))
            names.append(f"{kind}[{part}]" if kind else part)
        return "/".join(names)

    def of(self, node: GraphNode) -> str:
        """A name that no other node has."""
        if node.id in self.inputs:
            return self.inputs[node.id]
        if node.id in self.owners:
            path, _, leaf = self.owners[node.id].rpartition(".")
            return f"{self.scope(path)}/{leaf}"
        title = node.op or node.title or "constant"
        name = f"{self.scope(node.module)}/{title.replace(' ', '_')}"
        self.taken[name] += 1
        return name if self.taken[name] == 1 else f"{name}_{self.taken[name] - 1}"

    def kind(self, node: GraphNode) -> str:
        if node.id in self.inputs:
            return "IO Node"
        if node.id in self.owners:
            return "Parameter" if node.requires_grad else "Buffer"
        return node.op or "Constant"

    def nodes(self, tape: Tape, graph: Graph, roots: list[Tensor]) -> list[NodeDef]:
        """The messages: inputs, then outputs, then the rest in forward order."""
        names = {node.id: self.of(node) for node in graph.nodes}

        def source(id: str, output: int) -> str:
            return f"{names[id]}:{output}" if output else names[id]

        inputs: dict[str, list[str]] = {node.id: [] for node in graph.nodes}
        for edge in graph.edges:
            inputs[edge.target].append(source(edge.source, edge.output))
        drawn = [
            _message(names[node.id], self.kind(node), inputs[node.id], tape.shapes(node.id), node)
            for node in graph.nodes
        ]
        outputs = [
            _message(f"output/output.{k}", "IO Node", [source(*tape.where(root))], [tuple(root.shape)])
            for k, root in enumerate(roots, 1)
        ]
        given = [message for message in drawn if message.name.startswith("input/")]
        return given + outputs + [message for message in drawn if not message.name.startswith("input/")]


def _message(
    name: str, op: str, inputs: list[str], shapes: list[tuple[int, ...]], node: GraphNode | None = None
) -> NodeDef:
    protos = [TensorShapeProto(dim=[TensorShapeProto.Dim(size=n) for n in shape]) for shape in shapes]
    attributes = {"attr": node.args if node else "", "_output_shapes": protos}
    if node is not None:
        attributes["dtype"] = node.dtype
        if node.source is not None:
            attributes["line"] = (
                f"{os.path.basename(node.source['file'])}:{node.source['line']}  {node.source['text']}"
            )
    return NodeDef(name=name, op=op, input=inputs, attr={k: _attribute(v) for k, v in attributes.items()})


def _attribute(value: Any) -> AttrValue:
    if isinstance(value, str):
        return AttrValue(s=value.encode())
    return AttrValue(list=AttrValue.ListValue(shape=value))
