"""Hooks on what the graph saves: another form for it (on disk, on another device, not at all) until it is needed.

While hooks are active, what a node saves is ``Packed``: ``pack_hook`` made something of the tensor, and ``unpack_hook``
makes a tensor of it again when the node runs. The nodes are of a class of their own then (``opened``), so that
ordinary ones know nothing of this.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import dtype as dt
from .mode import STATE, THREAD, set_thread
from .node import Node
from .op import Op
from .tensor import Tensor, wrap


class Packed:
    """What ``pack_hook`` made of a saved tensor, and the hook that undoes it."""

    __slots__ = ("content", "unpack_hook")

    def __init__(self, tensor: Tensor) -> None:
        pack_hook, self.unpack_hook = THREAD.saved_hooks[-1]
        version = tensor._v[0]
        old = set_thread("grad", False)
        try:
            self.content = pack_hook(tensor)
        finally:
            set_thread("grad", old)
        if tensor._v[0] != version:
            raise RuntimeError(
                "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook "
                "cannot be modified by in-place operations as this can lead to unexpected side-effects. Please open an "
                "issue if you need to perform in-place operations on the input to a pack hook."
            )

    def tensor(self) -> Tensor:
        """The tensor again."""
        t = self.unpack_hook(self.content)
        if not isinstance(t, Tensor):
            raise TypeError(
                "Output of saved tensor unpack_hook expected to be a Tensor but got result of type "
                f"{type(t).__name__}"
            )
        return t


def packed_values(op: Op, args: tuple, outputs: list, saved: list) -> list:
    """What a node saves, each array packed."""
    done = []
    for s, value in zip(op.plan, saved, strict=True):
        if value is None or s.source in ("plain", "shape"):
            done.append(value)
            continue
        owner: Any = None
        if s.source == "tensor":
            owner = args[s.index]
        elif s.source == "out":
            owner = outputs[0] if not op.several else tuple(outputs)
        done.append(_pack(value, owner, s.source == "out"))
    return done


def _pack(value: Any, owner: Any, is_output: bool) -> Any:
    if isinstance(value, (list, tuple)):
        owners = owner if owner is not None else [None] * len(value)
        return type(value)(_pack(v, o, is_output) for v, o in zip(value, owners, strict=True))
    if not hasattr(value, "strides"):  # no array (a dtype has a shape, but no strides)
        return value
    if is_output:  # the node cannot hold its own output: the same values, seen as a result of recorded work
        t = wrap(value)
        t._v, t._rg, t._node = owner._v, True, Node((None,), None, None, None)
        return Packed(t)
    return Packed(owner if isinstance(owner, Tensor) and owner._a is value else wrap(value))


def open_values(saved: tuple) -> tuple:
    """Arrays again."""

    def array(value: Any) -> Any:
        if isinstance(value, Packed):
            return value.tensor()._a
        if isinstance(value, (list, tuple)) and any(isinstance(v, Packed) for v in value):
            return type(value)(array(v) for v in value)
        return value

    return tuple(array(v) for v in saved)


def _widened(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(_widened(v) for v in value)
    return dt.in_float32(value) if hasattr(value, "strides") else value


_OPENED: dict[Any, type[Node]] = {}


def opened(cls: Any) -> type[Node]:
    """The class of nodes whose saved values are packed."""
    if cls in _OPENED:
        return _OPENED[cls]

    def run(self: Any, F: Any, g: Any, saved: tuple) -> tuple:
        values = open_values(saved)
        if self.fix is not None and self.fix.wide:  # what derive.fixed does with values that are not packed
            values = tuple(_widened(v) for v in values)
        return cls.run(self, F, g, values)

    members = {"__slots__": (), "packed": True, "run": run, "__module__": cls.__module__}
    _OPENED[cls] = type(cls.__name__, (cls,), members)
    return _OPENED[cls]


def push_hooks(pack_hook: Callable, unpack_hook: Callable) -> None:
    """Make a pair of hooks the active one of this thread."""
    if THREAD.saved_hooks_refused is not None:
        raise RuntimeError(THREAD.saved_hooks_refused)
    THREAD.saved_hooks = (*THREAD.saved_hooks, (pack_hook, unpack_hook))
    STATE.enter()


def pop_hooks() -> None:
    """Take the innermost pair away."""
    THREAD.saved_hooks = THREAD.saved_hooks[:-1]
    STATE.leave()
