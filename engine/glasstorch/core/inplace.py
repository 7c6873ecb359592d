"""In-place changes: writing into a tensor, counting versions, and keeping the graph right, views included.

An in-place op is its out-of-place op plus a write. What PyTorch calls rebasing the history happens here:
the tensor's node becomes the op's node, and where the tensor is a view, the base gets a ``CopySlices`` node
(the base's gradient goes to the new values inside the view, and to the old base outside it). The other live
views are then made again from the new base, so that all see one history.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .. import backends
from . import dtype as dt
from .lanes import Lanes, inplace_lanes, refuse_write
from .mode import STATE, THREAD
from .node import Fix, Node, Port
from .outputs import check_overlap, check_single_places
from .tensor import InferenceVersion, Tensor, wrap


def check_writable(self: Tensor, name: str) -> None:
    """RuntimeError when autograd forbids writing into this tensor."""
    if not THREAD.grad or self._a.__class__ is Lanes or self.dtype.category < dt.FLOATING:
        return
    base = self._x.base if self._x is not None else None
    function = _made_by_function(self) if base is not None and self._rg else None
    if function is not None:
        raise RuntimeError(
            f"Output {self.output_nr} of {function.__name__} is a view and is being modified inplace. This view was "
            "created inside a custom Function (or because an input was returned as-is) and the autograd logic to "
            "handle view+inplace would override the custom backward associated with the custom Function, leading to "
            "incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom "
            "Function."
        )
    if base is not None and (self._rg or base._rg):
        _check_made_with_grad(self)
    if self._rg and (self._node is None or self._node.entry):
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
    if base is not None and base._rg and base._node is None and self._rg:
        raise RuntimeError(
            "a view of a leaf Variable that requires grad is being used in an in-place operation."
        )
    if base is not None and self._rg and isinstance(_made_by(self), Port):
        raise RuntimeError(
            f"Output {self.output_nr} of {short_name(self.grad_fn)} is a view and is being modified inplace. This view "
            "is the output of a function that returns multiple views. Such functions do not allow the output views to "
            "be modified inplace. You should replace the inplace operation by an out-of-place one."
        )


def _check_made_with_grad(view: Tensor) -> None:
    if view._x is not None and view._x.no_grad:
        raise RuntimeError(
            "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that this "
            "use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view "
            "and the inplace either both inside the no_grad block (if you don't want the inplace to be tracked) or "
            "both outside (if you want the inplace to be tracked)."
        )


def short_name(node: Any) -> str:
    """A node's name as PyTorch's messages have it: ``Mul`` for ``MulBackward0``."""
    if isinstance(node, CopySlices):
        return "torch::autograd::CopySlices"
    return re.sub(r"Backward\d*$", "", node.name())


def _made_by(t: Tensor) -> Any:
    return t._node


def _made_by_function(t: Tensor) -> Any:
    """The custom function that made a tensor."""
    node = t._node.edges[0] if isinstance(t._node, Port) else t._node
    return None if node is None else node.function


def inplace(self: Tensor, fn: Callable, args: tuple, kwargs: dict, name: str) -> Tensor:
    """``fn(self, ...)`` written into ``self``."""
    check_writable(self, name)
    if self._a.__class__ is Lanes:
        return inplace_lanes(self, fn, args, kwargs)
    check_single_places(self)
    for a in args:
        if isinstance(a, Tensor) and a._v is self._v and a is not self:
            check_overlap(self, a)
    old = self
    if THREAD.grad and (self._rg or any(isinstance(a, Tensor) and a._rg for a in args)):
        # The op may save its input: give it a copy that the write below cannot touch.
        old = wrap(self._a.copy())
        old._rg, old._node, old._x = self._rg, self._node, None
        if STATE.recorder is not None:
            STATE.recorder.copied(old, self)
    args = tuple(old if a is self else a for a in args)
    result = fn(old, *args, **kwargs) if not STATE.special else _without_autocast(fn, old, args, kwargs)
    if result._a.shape != self._a.shape:
        raise RuntimeError(
            f"output with shape {list(self._a.shape)} doesn't match the broadcast shape {list(result._a.shape)}"
        )
    if result.dtype.category > self.dtype.category:
        raise RuntimeError(
            f"result type {result.dtype.legacy} can't be cast to the desired output type {self.dtype.legacy}"
        )
    write(self, result)
    return self


def _without_autocast(fn: Callable, old: Tensor, args: tuple, kwargs: dict) -> Tensor:
    """In-place forms keep the type of what they write into, also inside autocast."""
    before, THREAD.autocast = THREAD.autocast, None
    try:
        return fn(old, *args, **kwargs)
    finally:
        THREAD.autocast = before


def write(self: Tensor, result: Tensor) -> None:
    """Store ``result`` (same shape, or one that broadcasts) in ``self``: memory, version, history."""
    if result._a.__class__ is Lanes and self._a.__class__ is not Lanes:
        refuse_write()
    check_single_places(self)
    self._a[...] = result._a
    if STATE.recorder is not None:
        STATE.recorder.wrote(self, result)
    if self._v.__class__ is InferenceVersion and not THREAD.inference:  # PyTorch notices after the write, too
        raise RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a "
            "normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details."
        )
    self._v[0] += 1
    if not (THREAD.grad and (result._rg or self._rg)):
        return
    node = result._node if result._rg else None
    if not result._rg and (self._x is None or self._x.base is None):
        node = Overwritten(
            (self._node,), (), None, None
        )  # new values without history: the old ones get zeros
    if node is not None and node.versions and result._v is not self._v:
        # A saved output is now this tensor's memory as far as later in-place changes are concerned.
        v = node.versions
        node.versions = tuple(
            (self._v if k % 2 == 0 else self._v[0]) if v[k - k % 2] is result._v else v[k]
            for k in range(len(v))
        )
    if result._a.dtype != self._a.dtype and node is not None:
        node = CastNode((node,), (), None, None, result._a.dtype)
    rebase(self, node if node is not None or not result._rg else result)


def overwrite(self: Tensor, values: Tensor) -> None:
    """Replace all elements of ``self`` by ``values``, whose history is then its own; the old one gets zeros."""
    old = (self._node or self) if self._rg and (self._x is None or self._x.base is None) else None
    write(self, values)
    if old is not None and values._rg and THREAD.grad:
        self._node = Overwritten((old, self._node), (), None, None)
        refresh_views(self)


def rebase(self: Tensor, node: Any) -> None:
    """Give ``self`` a new history: ``node``, a leaf, or None when the new values need no gradient."""
    base = self._x.base if self._x is not None else None
    if base is None:
        if isinstance(node, Tensor):
            node = CastNode((node,), (), None, None, self._a.dtype)
        _set_node(self, node)
        self._rg = node is not None
        base = self
    else:
        old = (base._node or base) if base._rg else None
        _set_node(base, CopySlices(old, node, self._x.replay, base._a.shape))  # type: ignore[union-attr, arg-type]
        base._rg = True
    if base._node is not None:
        self._v[1:] = [short_name(base._node)]  # type: ignore[list-item]  # the last writer, for ``check_versions``
    refresh_views(base)


def _set_node(t: Tensor, node: Node | None) -> None:
    """A new node for a tensor, which still wants its gradient if it did."""
    old = t._node
    if old is not None and old.extra is not None and old.extra.retain is not None and t.retains_grad:
        old.extra.retain = None
        if node is not None:
            t._node = node
            t.retain_grad()
    t._node = node


def refresh_views(base: Tensor) -> None:
    """Make the history of every live view of ``base`` again from the base's new one."""
    assert base._x is not None or base._v is not None
    if base._x is None:
        return
    for ref in list(base._x.views or ()):
        view = ref()
        if view is None or view._x is None:
            continue
        fresh = replay(view._x.replay, base)  # type: ignore[arg-type]
        _set_node(view, fresh._node)
        view._rg = fresh._rg


def replay(steps: tuple, base: Tensor) -> Tensor:
    """Make a view of ``base`` again by the ops that first made it."""
    from .dispatch import general

    op, args, parent, nr = steps
    out = general(op, (base if parent is None else replay(parent, base), *args))
    return out if nr is None else out[nr]


class CopySlices(Node):
    """A base tensor after values were written into one of its views."""

    __slots__ = ("replay", "shape")

    def name(self) -> str:
        return "torch::autograd::CopySlices"

    def __init__(self, base_edge: Any, values_edge: Any, steps: tuple, shape: tuple) -> None:
        super().__init__((base_edge, values_edge), (), None, None)
        self.replay, self.shape = steps, shape

    def run(self, F: Any, g: Any, saved: tuple) -> tuple:
        tensor = isinstance(g, Tensor)
        region = replay(self.replay, g if tensor else wrap(g))
        to_base = None
        if self.edges[0] is not None:
            copy = g.clone() if tensor else wrap(g.copy())
            with_zeros = replay(self.replay, copy)
            if tensor:
                with_zeros.zero_()
            else:
                with_zeros._a[...] = 0
            to_base = copy if tensor else copy._a
        return to_base, region if tensor else region._a


class Overwritten(Node):
    """A tensor whose values were all replaced: zeros for what was there, the gradient for the new values' history."""

    __slots__ = ("kind",)

    def run(self, F: Any, g: Any, saved: tuple) -> tuple:
        return (g * 0, g)[: len(self.edges)]

    def name(self) -> str:
        return getattr(self, "kind", "torch::autograd::CopyBackwards")


class CastNode(Node):
    """A change of type (or an identity) that an in-place write implies."""

    __slots__ = ("dtype",)

    def __init__(
        self, edges: tuple, saved: tuple, versions: tuple | None, fix: Fix | None, dtype: Any
    ) -> None:
        super().__init__(edges, saved, versions, fix)
        self.dtype = dtype

    def run(self, F: Any, g: Any, saved: tuple) -> tuple:
        if isinstance(g, Tensor):
            return (g.to(dt.from_numpy_dtype(self.dtype)),)
        return (g.astype(self.dtype, copy=False),)

    def name(self) -> str:
        return "torch::autograd::CopyBackwards"


def namespace_of(t: Tensor) -> Any:
    """The array module of a tensor."""
    return backends.namespace(t._a)
