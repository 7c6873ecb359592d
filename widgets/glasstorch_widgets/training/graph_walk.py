"""What the graph of a loss tells just before its backward: each layer's outputs, and what is kept for the backward.

Only what PyTorch's nodes show is read: `next_functions`, `variable`, `_sequence_nr()` and the `_saved_…` attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MOST_NODES = 20_000  # a longer graph is not walked: it would stop the loop for too long
ACTIVATIONS = {
    "ReluBackward0": "relu",
    "SigmoidBackward0": "sigmoid",
    "TanhBackward0": "tanh",
}
_OUTPUT_FIRST = ("_saved_result", "_saved_output")  # what a node saved of its own output


@dataclass
class Outputs:
    """What a layer gave out: the tensor, and the function it went through last (`ACTIVATIONS`), if one is known."""

    tensor: Any
    function: str = ""


@dataclass
class Walked:
    """A graph in forward order."""

    nodes: list[Any]
    owner: dict[
        Any, int
    ]  # the layer each node belongs to: it computes with its weights, or follows such a node
    outputs: dict[int, list[Outputs]] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)  # layers as they first take part


def walk(root: Any, layer_of: dict[int, int]) -> Walked | None:
    """Follow a graph from its last node.

    Args:
        root: the loss's `grad_fn`.
        layer_of: the number of the layer for `id(parameter)`.

    Returns None when no parameter of the model takes part, or the graph is too long.
    """
    children: dict[Any, list[Any]] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if node in children:
            continue
        if len(children) >= MOST_NODES:
            return None
        inputs = [function for function, _ in node.next_functions]
        children[node] = inputs
        stack += [f for f in inputs if f is not None and not hasattr(f, "variable")]
    nodes = sorted(children, key=_number)
    found = Walked(nodes, {})
    for node in nodes:
        owner = _owner(children[node], layer_of, found.owner)
        if owner is None:
            continue
        found.owner[node] = owner
        if owner not in found.order:
            found.order.append(owner)
        _note_outputs(found, node, children[node], owner)
    return found if found.order else None


def _number(node: Any) -> float:
    return float(node._sequence_nr())


def _owner(inputs: list[Any], layer_of: dict[int, int], owners: dict[Any, int]) -> int | None:
    """The layer of a parameter among the inputs, else that of the input computed last.

    A weight that was cast or normalised first is computed right before it is used, and so comes last.
    """
    for f in inputs:
        if f is not None and hasattr(f, "variable") and id(f.variable) in layer_of:
            return layer_of[id(f.variable)]
    known = [f for f in inputs if f in owners]
    return owners[max(known, key=_number)] if known else None


def _note_outputs(found: Walked, node: Any, inputs: list[Any], owner: int) -> None:
    function = ACTIVATIONS.get(node.name())
    if function is not None:
        result = next(
            (saved_by(node, name) for name in _OUTPUT_FIRST if name in saved_names(type(node))), None
        )
        if result is not None:
            found.outputs.setdefault(owner, []).append(Outputs(result, function))
        return
    # What the next operation saved of its first input is what the layer before gave out.
    before = inputs[0] if inputs else None
    of = found.owner.get(before)
    if (
        of is not None
        and of != owner
        and of not in found.outputs
        and "_saved_self" in saved_names(type(node))
    ):
        given = saved_by(node, "_saved_self")
        if given is not None:
            found.outputs[of] = [Outputs(given)]


_SAVED_NAMES: dict[type, tuple[str, ...]] = {}


def saved_names(kind: type) -> tuple[str, ...]:
    """The `_saved_…` attributes of a class of nodes."""
    if kind not in _SAVED_NAMES:
        _SAVED_NAMES[kind] = tuple(name for name in dir(kind) if name.startswith("_saved_"))
    return _SAVED_NAMES[kind]


def saved_by(node: Any, name: str) -> Any:
    """A tensor that a node saved; None for anything else, and for what hooks packed away (unpacking may compute)."""
    if getattr(node, "packed", False):
        return None
    try:
        value = getattr(node, name)
    except (RuntimeError, AttributeError):  # freed by an earlier backward
        return None
    return value if hasattr(value, "requires_grad") else None


def kept_bytes(found: Walked, apart: set[int]) -> Iterator[tuple[int, int]]:
    """For each node in forward order: its layer (-1: none) and the bytes that it is the first to keep.

    Memory that several nodes keep counts once. `apart`: addresses of memory that lives anyway, the parameters'.
    """
    seen = set(apart)
    for node in found.nodes:
        total = 0
        for name in saved_names(type(node)):
            tensor = saved_by(node, name)
            if tensor is None:
                continue
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in seen:
                seen.add(storage.data_ptr())
                total += storage.nbytes()
        yield found.owner.get(node, -1), total
