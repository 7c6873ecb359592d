"""The node of a custom function in the graph: the user's ``backward``, with its inputs and outputs checked."""

from __future__ import annotations

from typing import Any

from ..core.dtype import from_numpy_dtype
from ..core.functions import TENSORS
from ..core.lanes import Levels, batched, inside, levels_of, lowered
from ..core.mode import THREAD
from ..core.node import Node, Parts, Port
from ..core.saved import Packed
from ..core.tensor import Tensor, wrap

FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been "
    "freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify "
    "retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors "
    "after calling backward."
)


class FunctionNode(Node):
    """The node of a custom function. Its backward is the user's, on tensors.

    ``shapes``: shape, array module and type of each output; ``inputs``: shape and type of each argument (None for what
    is no tensor); ``levels``: those of the arguments and outputs that stood for several examples (inside ``vmap``).
    """

    __slots__ = ("ctx", "function", "in_levels", "inputs", "levels", "out_levels", "saved_versions", "shapes")
    ctx: Any
    function: Any
    inputs: tuple
    shapes: tuple
    levels: Levels
    in_levels: tuple[Levels, ...]
    out_levels: tuple[Levels, ...]
    saved_versions: tuple[int, ...]

    def name(self) -> str:
        return f"{self.function.__name__}Backward"

    def __repr__(self) -> str:
        return f"<torch.autograd.function.{self.name()} object at {id(self):#x}>"

    def __getattr__(self, name: str) -> Any:  # saved_tensors and the user's own attributes
        if name in FunctionNode.__slots__:
            raise AttributeError(name)
        return getattr(self.ctx, name)

    # ------------------------------------------------------------------ what was saved
    def keep(self, tensors: tuple, outputs: list[Any]) -> None:
        """Hold the saved tensors; outputs without their history, which would hold this node."""
        saved: list[tuple[Any, int | None]] = []
        for t in tensors:
            where = next((k for k, o in enumerate(outputs) if o is t), None)
            made = None if where is None else (-1 if len(outputs) == 1 else where)
            held = t if t is None or made is None else t.detach()
            if THREAD.saved_hooks and held is not None:
                held = Packed(held)
            saved.append((held, made))
        self.saved = tuple(saved)
        self.saved_versions = tuple(0 if not isinstance(t, Tensor) else t._v[0] for t, _ in saved)

    def restore(self) -> tuple:
        """Saved tensors with their place in the graph; RuntimeError when one was changed in place since."""
        if self.saved is None:
            raise RuntimeError(FREED)
        out: list[Tensor | None] = []
        for (held, made_here), version in zip(self.saved, self.saved_versions, strict=True):
            if held is None:
                out.append(None)
                continue
            tensor = held.tensor() if isinstance(held, Packed) else held
            if not isinstance(held, Packed) and tensor._v[0] != version:
                raise RuntimeError(
                    "one of the variables needed for gradient computation has been modified by an inplace operation: "
                    f"[torch.{tensor.dtype.legacy}Tensor {list(tensor._a.shape)}], which is saved by {self.name()}, is "
                    f"at version {tensor._v[0]}; expected version {version} instead. clone() it before changing it in "
                    "place."
                )
            if made_here is not None:
                levels = levels_of(tensor)
                t = wrap(tensor._a.tensor._a if levels else tensor._a)
                t._node, t._rg = (self if made_here < 0 else Port(self, made_here)), True
                out.append(batched(t, levels))
            else:
                out.append(tensor)
        return tuple(out)

    # ------------------------------------------------------------------ backward
    def run(self, F: Any, g: Any, saved: tuple) -> tuple:
        tensors = F is TENSORS
        grads = self._given(g)
        if THREAD.forward:
            return transposed_jvp(self, grads)
        if not self.levels:
            result = self._called(grads)
        else:
            with inside(self.levels):
                result = self._called(
                    [v if v is None else batched(v, n) for v, n in zip(grads, self.out_levels)]
                )
                result = tuple(_gathered(r, n) for r, n in zip(result, self.in_levels, strict=True))
        return tuple(
            None if r is None or e is None else (r if tensors else r._a) for r, e in zip(result, self.edges)
        )

    def _given(self, g: Any) -> list[Tensor | None]:
        """The gradient of each output, as the user's function gets it."""
        given = g if isinstance(g, Parts) else {0: g}
        some = next(iter(given.values()))
        grads: list[Any] = []
        for k, like in enumerate(self.shapes):
            v = given.get(k)
            if v is None and self.ctx.materialize_grads and like is not None:
                shape, xp, dtype = like
                if isinstance(some, Tensor):
                    v = some.new_zeros(shape, dtype=from_numpy_dtype(dtype))
                else:
                    v = wrap(xp.zeros(shape, dtype))
            grads.append(v if v is None or isinstance(v, Tensor) else wrap(v))
        return grads

    def _called(self, grads: list) -> tuple:
        result = self.function._vjp()(self.ctx, *grads)
        result = result if isinstance(result, tuple) else (result,)
        n = len(self.edges)
        if len(result) < n or any(r is not None for r in result[n:]):
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients (expected {n}, got {len(result)})"
            )
        return tuple(self._checked(r, k) for k, r in enumerate(result[:n]))

    def _checked(self, r: Any, k: int) -> Tensor | None:
        """One gradient in its input's shape and type."""
        if r is None:
            return None
        if self.inputs[k] is None:
            raise RuntimeError(
                f"function {self.name()} returned a gradient different than None at position {k + 1}, but the "
                "corresponding forward input was not a Variable"
            )
        if not isinstance(r, Tensor):
            raise RuntimeError(f"expected Variable or None (got {type(r).__name__})")
        if self.edges[k] is None:
            return None
        shape, dtype = self.inputs[k]
        if r.is_complex() and not dtype.is_complex:
            raise RuntimeError(
                "Expected isFloatingType(grad.scalar_type()) || (input_is_complex == grad_is_complex) to be true, but "
                f"got false. {self.name()} returned a complex gradient for a real input: take its real part."
            )
        if r.dtype is not dtype:
            r = r.to(dtype)
        if tuple(r._a.shape) == shape:
            return r
        if not _stretches(shape, tuple(r._a.shape)):
            raise RuntimeError(
                f"Function {self.name()} returned an invalid gradient at index {k} - got {list(r._a.shape)} but "
                f"expected shape compatible with {list(shape)}"
            )
        return TENSORS.sum_to_size(r, shape)


def _stretches(small: tuple, large: tuple) -> bool:
    """Does the first shape broadcast to the second?"""
    if len(small) > len(large):
        return False
    return all(a in (1, b) for a, b in zip(reversed(small), reversed(large)))


def _gathered(r: Tensor | None, levels: Levels) -> Tensor | None:
    """A gradient for all examples: together for an argument that had examples, else their sum."""
    if r is None:
        return None
    extra = tuple(v for v in levels_of(r) if v not in levels)
    if extra:
        r = lowered(r, extra).sum(tuple(range(len(extra))))
    return lowered(r, levels) if levels else r


# ---------------------------------------------------------------- forward mode
class JvpNode(Node):
    """The transposed ``jvp`` of a custom function: its own derivative is that ``jvp`` (see func/forward.py)."""

    __slots__ = ("owner",)
    owner: FunctionNode
    frees = False

    def run(self, F: Any, g: Any, saved: tuple) -> tuple:
        owner = self.owner
        given = g if isinstance(g, Parts) else {0: g}
        tangents: list[Any] = []
        for k, like in enumerate(owner.inputs):
            t = given.get(k)
            t = wrap(t) if t is not None and not isinstance(t, Tensor) else t
            if t is None and like is not None and owner.ctx.materialize_grads:
                some = next(iter(given.values()))
                some = some if isinstance(some, Tensor) else wrap(some)
                t = some.new_zeros(like[0], dtype=like[1])
            tangents.append(t if t is None else batched(t, owner.in_levels[k]))
        before, owner.ctx._in_jvp = owner.ctx._in_jvp, True
        try:
            with inside(owner.levels):
                result = owner.function.jvp(owner.ctx, *tangents)
        finally:
            owner.ctx._in_jvp = before
        result = result if isinstance(result, tuple) else (result,)
        result = tuple(
            r if r is None else lowered(r, n) for r, n in zip(result, owner.out_levels, strict=False)
        )
        picked = (r for r, made in zip(result, owner.shapes, strict=False) if made is not None)
        return tuple(None if r is None else (r if F is TENSORS else r._a) for r in picked)


def transposed_jvp(node: FunctionNode, cotangents: list[Tensor | None]) -> tuple:
    """Stand-ins for the inputs' gradients: of value 0, with a derivative that is the user's ``jvp``."""
    from .function import Function

    if node.function.jvp is Function.jvp:
        node.function.jvp(node.ctx)  # says what to implement
    live = [c for c, made in zip(cotangents, node.shapes, strict=True) if made is not None and c is not None]
    edges = tuple((c._node or c) if c._rg else None for c in live)
    transposed = JvpNode(edges, (), None, None)
    transposed.owner = node
    out: list[Tensor | None] = []
    for k, e in enumerate(node.edges):
        if e is None:
            out.append(None)
            continue
        shape, dtype = node.inputs[k]
        whole = (*(v.size for v in node.in_levels[k]), *shape)
        zero = live[0].detach().new_zeros(whole, dtype=dtype)
        zero._node, zero._rg = Port(transposed, k), True
        out.append(zero)
    return tuple(out)


def node_class(function: Any) -> type[FunctionNode]:
    """The class of a function's nodes, named after it; kept on the function's class."""
    if "_backward_cls" not in vars(function):
        members = {"__slots__": (), "__module__": "torch.autograd.function"}
        function._backward_cls = type(f"{function.__name__}Backward", (FunctionNode,), members)
    return function._backward_cls


__all__ = ["FREED", "FunctionNode", "JvpNode", "node_class"]
