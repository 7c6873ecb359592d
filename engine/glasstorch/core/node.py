"""Nodes of the computation graph.

A ``Node`` stands for one operation that was recorded: ``edges`` lead to whatever made its inputs, and
``saved`` holds what its vector-Jacobian product needs. An edge is

* another ``Node``: the input came out of that operation,
* a leaf ``Tensor``: the gradient ends there and is added to ``.grad``,
* a ``Port``: the input was one of several outputs of an operation,
* ``None``: no gradient is wanted.

Leaves stand in the edges themselves (instead of an accumulator object as in PyTorch), which saves an object
for each use; ``next_functions`` shows them as ``AccumulateGrad``. A node never refers to its own output
tensor, so dropping the output frees the whole graph without the cyclic collector.
"""

from __future__ import annotations

import itertools
import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

tick = itertools.count(1).__next__


class Fix(tuple):
    """Shapes and types of a node's inputs, kept when they differ from those its formula works in.

    One ``(shape, numpy dtype)`` or None for each edge; ``conj`` is set for complex arithmetic, ``wide`` for half
    precision, which is computed in float32.
    """

    conj = wide = False


class Node:
    """One recorded operation. Each op has its own subclass (``MulBackward0``), made when it is registered.

    ``run(F, g, saved)`` gives the gradient of each input from the gradient ``g`` of the output. ``F`` is the
    namespace to compute in: arrays for a plain backward, tensors when the gradient itself is recorded.
    """

    __slots__ = ("__weakref__", "_seq", "edges", "extra", "fix", "saved", "versions")
    op: Any = None
    entry = False  # is it an input of grad, vjp or jvp, which that transform counts as a leaf?
    packed = False  # did hooks change what it saved? (saved.py)
    function: Any = None  # the user's class, for nodes of custom functions
    frees = True  # does a backward use up what is saved? Not when that is only numbers and shapes

    def __init__(self, edges: tuple, saved: tuple | None, versions: tuple | None, fix: Fix | None) -> None:
        self.edges, self.saved, self.versions, self.fix = edges, saved, versions, fix
        self._seq = tick()
        self.extra: NodeExtra | None = None

    def run(self, F: Any, g: Any, saved: tuple) -> tuple:
        """The gradient of each input from the gradient ``g`` of the output."""
        raise NotImplementedError(f"the derivative of {self.name()} is not implemented")

    def name(self) -> str:
        """PyTorch's name of the node, for example ``MulBackward0``."""
        return type(self).__name__

    def __repr__(self) -> str:
        return f"<{self.name().rpartition(':')[2]} object at {id(self):#x}>"

    @property
    def metadata(self) -> dict:
        """A dictionary for your own notes on this node."""
        x = self.ensure_extra()
        x.metadata = {} if x.metadata is None else x.metadata
        return x.metadata

    def _sequence_nr(self) -> int:
        return self._seq

    @property
    def next_functions(self) -> tuple:
        """Pairs ``(function, output number)`` for each input; ``(None, 0)`` where no gradient flows."""
        return tuple(_function(e) for e in self.edges)

    def ensure_extra(self) -> NodeExtra:
        """The place for what few nodes have, made when first needed."""
        if self.extra is None:
            self.extra = NodeExtra()
        return self.extra

    def register_hook(self, fn: Callable) -> RemovableHandle:
        """Call ``fn(grad_inputs, grad_outputs)`` after this node ran; a returned tuple replaces grad_inputs."""
        return RemovableHandle.add(self.ensure_extra().post, fn)

    def register_prehook(self, fn: Callable) -> RemovableHandle:
        """Call ``fn(grad_outputs)`` before this node runs; a returned tuple replaces grad_outputs."""
        return RemovableHandle.add(self.ensure_extra().pre, fn)

    def __call__(self, *grads: Any) -> Any:
        """Apply the node's derivative to gradient tensors by hand."""
        from .derive import call_node

        return call_node(self, grads)


def saved_property(name: str) -> property:
    """``_saved_<what>``: what the forward saved, under PyTorch's name (``_saved_self``, ``_saved_result``).

    Properties of each class, not ``__getattr__``: with that, Python looks up every other attribute more slowly.
    """

    def read(self: Node) -> Any:
        from .derive import saved_value

        return saved_value(self, name)

    return property(read)


class NodeExtra:
    """What few nodes have: hooks, retained gradients, notes, the forward's trace."""

    __slots__ = ("metadata", "post", "pre", "retain", "tensor_hooks", "trace")

    def __init__(self) -> None:
        self.tensor_hooks: OrderedDict = OrderedDict()  # on the gradient of the (single) output
        self.retain: Any = None  # weak reference to the tensor that wants its gradient
        self.pre: OrderedDict = OrderedDict()
        self.post: OrderedDict = OrderedDict()
        self.metadata: dict | None = None
        self.trace: Any = None  # autograd.graph.Trace while recording


class Port(Node):
    """One output of a node with several. It hands its gradient, with its number, to that node."""

    __slots__ = ("nr",)

    def __init__(self, node: Node, nr: int) -> None:
        super().__init__((node,), (), None, None)
        self._seq = node._seq + 0.5  # type: ignore[assignment]  # ports run just before the node they feed
        self.nr = nr

    def run(self, F: Any, g: Any, saved: tuple) -> tuple:
        return (Parts({self.nr: g}),)

    def name(self) -> str:
        return self.edges[0].name()

    def __lt__(
        self, other: Node
    ) -> bool:  # ports of one node have one place in the order; either may go first
        return id(self) < id(other)


class Parts(dict):
    """Gradients of some outputs of a node, by output number. Adding merges."""

    def __add__(self, other: dict) -> Parts:
        return Parts({k: self[k] + other[k] if k in self and k in other else self.get(k, other.get(k))
                      for k in {**self, **other}})  # fmt: skip


class GradientEdge(NamedTuple):
    """A place in the graph where a gradient arrives: output ``output_nr`` of ``node``.

    Source: https://pytorch.org/docs/stable/generated/torch.autograd.graph.GradientEdge.html
    """

    node: Any
    output_nr: int
    ownership_token: Any = None


def several_outputs(node: Any) -> bool:
    """Do the gradients of a node's outputs come to it as ``Parts``?"""
    return node.op.several if node.op is not None else len(getattr(node, "shapes", ())) > 1


class AccumulateGrad:
    """What ``next_functions`` shows for a leaf: the place where its gradient is added up."""

    def __init__(self, variable: Any) -> None:
        self.variable = variable
        self.next_functions: tuple = ()

    def name(self) -> str:
        """``torch::autograd::AccumulateGrad``, as PyTorch prints it."""
        return "torch::autograd::AccumulateGrad"

    @property
    def metadata(self) -> dict:
        return self.__dict__.setdefault("_metadata", {})

    def register_prehook(self, fn: Callable) -> RemovableHandle:
        """Call ``fn((grad,))`` before the gradient is accumulated."""

        def on_grad(g: Any) -> Any:
            out = fn((g,))
            return out[0] if isinstance(out, tuple) else out

        return self.variable.register_hook(on_grad)

    def register_hook(self, fn: Callable) -> RemovableHandle:
        """Call ``fn((), (grad,))`` after the gradient was accumulated."""
        return self.variable.register_post_accumulate_grad_hook(lambda leaf: fn((), (leaf.grad,)))

    def __repr__(self) -> str:
        return f"<AccumulateGrad object at {id(self):#x}>"


def accumulator(leaf: Any) -> AccumulateGrad:
    """The leaf's AccumulateGrad: the same object as long as somebody holds it."""
    x = leaf._ensure_extra()
    found = x.accumulator() if x.accumulator is not None else None
    if found is None:
        found = AccumulateGrad(leaf)
        x.accumulator = weakref.ref(found)
    return found


def _function(edge: Any) -> tuple:
    if edge is None:
        return (None, 0)
    if isinstance(edge, Port):
        return (edge.edges[0], edge.nr)
    return (edge, 0) if isinstance(edge, Node) else (accumulator(edge), 0)


class RemovableHandle:
    """Returned by every ``register_*hook``: ``remove()`` takes the hook away. Also a context manager."""

    _next_id = itertools.count().__next__

    def __init__(self, hooks: OrderedDict, key: int | None = None) -> None:
        self.hooks_ref = weakref.ref(hooks)
        self.id = RemovableHandle._next_id() if key is None else key

    @classmethod
    def add(cls, hooks: OrderedDict, fn: Callable) -> RemovableHandle:
        handle = cls(hooks)
        hooks[handle.id] = fn
        return handle

    def remove(self) -> None:
        """Take the hook away; twice does no harm."""
        hooks = self.hooks_ref()
        if hooks is not None:
            hooks.pop(self.id, None)

    def __getstate__(self) -> tuple:
        return self.hooks_ref(), self.id

    def __setstate__(self, state: tuple) -> None:
        hooks, self.id = state
        self.hooks_ref = weakref.ref(OrderedDict() if hooks is None else hooks)
        RemovableHandle._next_id = itertools.count(max(self.id, RemovableHandle._next_id()) + 1).__next__

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.remove()
