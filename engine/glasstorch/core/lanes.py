"""``Lanes``: the array of a tensor inside ``vmap``, one array for each example, seen one example at a time.

Inside ``vmap`` a function is written for a single example, but runs once for all of them. A tensor there has a
``Lanes`` for its array: its shape is that of one example, and ``tensor`` holds all examples together, with one
leading dimension for each ``vmap`` around (outermost first). An operation on such tensors comes to
``batched_call``, which runs it on all examples at once where a rule says how (see ``func/rules.py``), and
otherwise on one after another. The history for gradients is that of ``tensor``: a batch of examples is an ordinary
tensor, and so is its derivative.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np

from .dims import infer_shape, sizes
from .mode import STATE, THREAD
from .node import tick
from .op import REGISTRY, Op
from .tensor import Tensor, wrap


class NeedsExamples(BaseException):
    """Something asked a ``Lanes`` for plain numbers: ``vmap`` must run its function example by example.

    No ``Exception``, so that nothing between there and ``vmap`` takes it for an error.
    """


class Level:
    """One active ``vmap``: how many examples, and what random functions do. ``number`` grows inwards."""

    __slots__ = ("depth", "number", "randomness", "size")

    def __init__(self, depth: int, size: int, randomness: str) -> None:
        self.depth, self.size, self.randomness = depth, size, randomness
        self.number = tick()


Levels = tuple[Level, ...]


def _refuse(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
    raise NeedsExamples


def _through_tensor(name: str) -> Callable:
    def method(self: Lanes, *args: Any) -> Any:
        args = tuple(wrap(a) if isinstance(a, Lanes) else a for a in args)
        return getattr(wrap(self), name)(*args)._a

    return method


class Lanes:
    """Looks like the array of one example as far as shape and type go. See the module's description."""

    __slots__ = ("levels", "tensor")
    __array_priority__ = 2000
    __array__ = __array_ufunc__ = _refuse
    __bool__ = __int__ = __float__ = __index__ = __complex__ = __iter__ = __len__ = __getitem__ = _refuse

    def __init__(self, tensor: Tensor, levels: Levels) -> None:
        self.tensor, self.levels = tensor, levels

    def __array_function__(self, func: Callable, *rest: Any) -> NoReturn:
        if func.__name__ in DYNAMIC:
            refuse_dynamic(DYNAMIC[func.__name__])
        raise NeedsExamples

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NeedsExamples

    shape = property(lambda self: self.tensor._a.shape[len(self.levels) :])
    strides = property(lambda self: self.tensor._a.strides[len(self.levels) :])
    ndim = property(lambda self: self.tensor._a.ndim - len(self.levels))
    size = property(lambda self: math.prod(self.shape))
    dtype = property(lambda self: self.tensor._a.dtype)
    itemsize = property(lambda self: self.tensor._a.itemsize)
    nbytes = property(lambda self: self.size * self.itemsize)
    base = None

    @property
    def flags(self) -> Any:
        """Layouts are no concern of a single example: any shape it could have, it can be viewed in."""
        return np.empty(0).flags

    def place(self) -> tuple[str, int | None]:
        """Device type and index."""
        device = self.tensor.device
        return device.type, device.index

    @property
    def plain(self) -> Any:
        """An array of the library that holds the examples."""
        a = self.tensor._a
        return a.plain if isinstance(a, Lanes) else a

    def detached(self) -> Lanes:
        """The same memory, without history."""
        return Lanes(self.tensor.detach(), self.levels)

    def astype(self, dtype: Any, copy: bool = True) -> Lanes:
        """In another type."""
        from .dtype import from_numpy_dtype

        return Lanes(self.tensor.to(from_numpy_dtype(np.dtype(dtype)), copy=copy), self.levels)

    def copy(self) -> Lanes:
        """A copy of all examples."""
        return Lanes(self.tensor.detach().clone(), self.levels)

    def reshape(self, *shape: Any) -> Lanes:
        """Each example in another shape."""
        new = infer_shape(sizes(shape), self.size)
        return REGISTRY["view_as_shape"].function(wrap(self), new)._a

    def item(self) -> NoReturn:
        """RuntimeError: there is one value for each example."""
        raise RuntimeError(
            "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap over calling .item() on a "
            "Tensor, please try to rewrite what you're doing with other operations. If error is occurring somewhere "
            "inside PyTorch internals, please file a bug report."
        )

    def tolist(self) -> NoReturn:
        """RuntimeError: there are values for each example."""
        raise RuntimeError(
            "Cannot access data pointer of Tensor that doesn't have storage"  # there is more than one example
        )

    def __setitem__(self, index: Any, value: Any) -> None:
        """Write into every example: ``lanes[...] = value``."""
        if index is not Ellipsis:
            raise NeedsExamples
        write_lanes(self, wrap(value))

    __hash__ = object.__hash__


_OPERATORS = """eq ne lt le gt ge and or xor invert neg abs add radd sub rsub mul rmul truediv rtruediv pow rpow mod
floordiv matmul"""
for _name in _OPERATORS.split():
    setattr(Lanes, f"__{_name}__", _through_tensor(f"__{_name}__"))


# ---------------------------------------------------------------- in and out
def batched(tensor: Tensor, levels: Levels) -> Tensor:
    """The tensor that one example sees; ``tensor`` has a leading dimension for each level."""
    if not levels:
        return tensor
    if isinstance(tensor._a, Lanes):  # examples of further levels inside: sort all levels by their number
        inner = tensor._a
        both = [*inner.levels, *levels]
        order = sorted(range(len(both)), key=lambda k: both[k].number)
        rest = range(len(both), inner.tensor._a.ndim)
        if order != list(range(len(both))):
            tensor = inner.tensor.permute(*order, *rest)
        else:
            tensor = inner.tensor
        levels = tuple(both[k] for k in order)
    out = wrap(Lanes(tensor, levels))
    out._v = tensor._v
    out._rg = tensor._rg and THREAD.differentiating  # for the user's eyes; the history is that of ``tensor``
    return out


def lowered(t: Tensor, levels: Levels) -> Tensor:
    """The other way: the examples of these levels together, stretched where ``t`` is the same for all."""
    have: Levels = t._a.levels if isinstance(t._a, Lanes) else ()
    whole = t._a.tensor if have else t
    rest = tuple(v for v in have if v not in levels)
    k = len(have)
    there = [v for v in levels if v in have]
    order = [have.index(v) for v in (*rest, *there)]
    if order != list(range(k)):
        whole = whole.permute(*order, *range(k, whole._a.ndim))
    if len(there) < len(levels):
        shape = whole._a.shape[k:]
        for n, v in enumerate(levels):
            if v not in there:
                whole = whole.unsqueeze(len(rest) + n)
        whole = whole.expand(*(v.size for v in rest), *(v.size for v in levels), *shape)
    return batched(whole, rest)


def union(levels: Iterable[Levels]) -> Levels:
    """All levels, in their order."""
    found = {v.number: v for group in levels for v in group}
    return tuple(found[n] for n in sorted(found))


def levels_of(value: Any) -> Levels:
    """The levels of a tensor, of an array, or of those in a list."""
    if isinstance(value, (list, tuple)):
        return union(levels_of(v) for v in value)
    a = value._a if isinstance(value, Tensor) else value
    return a.levels if isinstance(a, Lanes) else ()


# ---------------------------------------------------------------- operations
#: How an op runs on all examples at once: ``rule(op, args, levels)``, or None where this call needs the slow way.
RULES: dict[str, Callable[[Op, tuple, Levels], Any]] = {}

#: Chooses a rule for an op that is not in RULES.
GENERIC: list[Callable[[Op], Callable[[Op, tuple, Levels], Any] | None]] = []

#: Functions whose output shape depends on values, and PyTorch's names: examples could not be put together again.
DYNAMIC = {"masked_select_at": "masked_select", "argwhere": "nonzero", "unique": "_unique2"}


def refuse_dynamic(name: str) -> NoReturn:
    """RuntimeError: examples could have outputs of different shapes."""
    if name == "masked_select":
        raise RuntimeError(
            "vmap: Attempted to vmap over `mask` in torch.masked_select(self, mask) We cannot support this because for "
            "each batch this would return a differently shaped Tensor. Use where(), or sums weighted by the mask."
        )
    raise RuntimeError(
        "vmap: We do not support batching operators that can output dynamic shape. Attempted to vmap over "
        f"aten::{name}. Please file an issue at https://github.com/pytorch/pytorch/issues if you need this feature."
    )


def call(op: Op, args: Iterable[Any]) -> Any:
    """Call an op with its arguments in the order of ``op.params``."""
    args = tuple(args)
    named = {p.name: a for p, a in zip(op.params, args) if p.keyword_only}
    return op.function(*(a for p, a in zip(op.params, args) if not p.keyword_only), **named)


def batched_call(op: Op, args: tuple, out: Tensor | None) -> Any:
    """An op call inside ``vmap``; None when nothing in it is batched."""
    levels = levels_of(args)
    if not levels:
        return None
    if op.name in DYNAMIC:
        refuse_dynamic(DYNAMIC[op.name])
    if op.name not in RULES:
        RULES[op.name] = next(
            (r for r in (choose(op) for choose in GENERIC) if r is not None), lambda *a: None
        )
    result = RULES[op.name](op, args, levels)
    if result is None:
        result = one_by_one(op, args, levels)
    if out is not None:
        return out.copy_(result)
    return result


def examples(value: Any, levels: Levels) -> Any:
    """An iterator of an argument's value for each example, the last level changing fastest."""
    if not levels_of(value):
        return itertools.repeat(value)
    if isinstance(value, Tensor):
        return iter(_unbound(value, levels))
    if isinstance(value, Lanes):
        return (t._a for t in _unbound(wrap(value), levels))
    kind: Any = list if isinstance(value, list) else tuple
    return map(kind, zip(*(examples(v, levels) for v in value)))


def _unbound(t: Tensor, levels: Levels) -> tuple[Tensor, ...]:
    whole = lowered(t, levels)
    n = math.prod(v.size for v in levels)
    return whole.reshape(n, *whole._a.shape[len(levels) :]).unbind(0)


def together(results: list[Any], levels: Levels) -> Any:
    """The results for the examples as one batched tensor (or a tuple of them)."""
    first = results[0]
    if isinstance(first, tuple):
        parts = [together(list(column), levels) for column in zip(*results)]
        return type(first)(*parts) if hasattr(first, "_fields") else tuple(parts)
    if any(r._a.shape != first._a.shape for r in results):
        raise RuntimeError(
            "vmap: We do not support batching operators that can output dynamic shape: the examples gave shapes "
            f"{sorted({tuple(r._a.shape) for r in results})}."
        )
    whole = REGISTRY["stack"].function(results, 0)
    return batched(whole.reshape(*(v.size for v in levels), *first._a.shape), levels)


def one_by_one(op: Op, args: tuple, levels: Levels) -> Any:
    """An op on one example after another."""
    n = math.prod(v.size for v in levels)
    if n == 0:
        return _of_none(op, args, levels)
    columns = [examples(a, levels) for a in args]
    rows: Iterator[tuple] = zip(*columns)
    return together([call(op, row) for row in itertools.islice(rows, n)], levels)


def _of_none(op: Op, args: tuple, levels: Levels) -> Any:
    """The result for no examples at all: its shape is that for an example of zeros."""

    def stand_in(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return type(value)(stand_in(v) for v in value)
        a = value._a if isinstance(value, Tensor) else value
        if not isinstance(a, Lanes):
            return value
        zeros = REGISTRY["stack"].function([a.tensor.new_zeros(a.shape)], 0)[0]
        return zeros if isinstance(value, Tensor) else zeros._a

    def empty(r: Tensor) -> Tensor:
        return batched(r.new_zeros((*(v.size for v in levels), *r._a.shape)), levels)

    result = call(op, tuple(stand_in(a) for a in args))
    return tuple(empty(r) for r in result) if isinstance(result, tuple) else empty(result)


# ---------------------------------------------------------------- writing
def write_lanes(target: Lanes, value: Tensor) -> None:
    """Store values in every example of ``target``; RuntimeError when they have examples that it lacks."""
    levels = target.levels
    extra = [v for v in levels_of(value) if v not in levels]
    if extra:
        refuse_write()
    whole = aligned(value, levels, target.ndim)
    target.tensor.copy_(whole)


def refuse_write() -> NoReturn:
    """RuntimeError: a tensor that is the same for all examples cannot hold a value for each."""
    raise RuntimeError(
        "vmap: inplace arithmetic(self, *extra_args) is not possible because there exists a Tensor `other` in "
        "extra_args that has more elements than `self`. This happened due to `other` being vmapped over but `self` not "
        "being vmapped over in a vmap. Please try to use out-of-place operators instead of inplace arithmetic. If said "
        "operator is being called inside the PyTorch framework, please file a bug report instead."
    )


def aligned(t: Tensor, levels: Levels, ndim: int) -> Tensor:
    """The examples of ``t`` shaped to broadcast with ``levels`` leading dimensions and ``ndim`` of each example."""
    have = t._a.levels if isinstance(t._a, Lanes) else ()
    whole = t._a.tensor if have else t
    shape = whole._a.shape[len(have) :]
    if not have and len(shape) <= ndim:
        return whole  # broadcasts as it is
    lead = tuple(v.size if v in have else 1 for v in levels)
    full = (*lead, *(1,) * (ndim - len(shape)), *shape)
    return whole if full == whole._a.shape else whole.reshape(full)


def inplace_lanes(self: Tensor, fn: Callable, args: tuple, kwargs: dict) -> Tensor:
    """``fn(self, ...)`` written into the batched tensor ``self``."""
    a: Any = self._a
    old = batched(a.tensor.clone(), a.levels)  # what the op may save must survive the write
    result = fn(old, *(old if v is self else v for v in args), **kwargs)
    if result._a.shape != a.shape:
        raise RuntimeError(
            f"output with shape {list(a.shape)} doesn't match the broadcast shape {list(result._a.shape)}"
        )
    if result.dtype.category > self.dtype.category:
        raise RuntimeError(
            f"result type {result.dtype.legacy} can't be cast to the desired output type {self.dtype.legacy}"
        )
    write_lanes(a, result)
    self._rg = a.tensor._rg and THREAD.differentiating
    return self


@contextmanager
def inside(levels: Levels) -> Iterator[None]:
    """Work with tensors of these levels, also after their ``vmap`` is over (in a backward)."""
    before = THREAD.levels
    THREAD.levels = union([before, levels])
    STATE.enter()
    try:
        yield
    finally:
        STATE.leave()
        THREAD.levels = before


@contextmanager
def outside(level: Level) -> Iterator[None]:
    """Leave one level for a moment."""
    before = THREAD.levels
    THREAD.levels = tuple(v for v in before if v is not level)
    try:
        yield
    finally:
        THREAD.levels = before


# ---------------------------------------------------------------- random numbers
def drawn_apart() -> Levels:
    """The levels whose examples get random numbers of their own; RuntimeError where there shall be none."""
    if THREAD.random_refused or any(v.randomness == "error" for v in THREAD.levels):
        raise RuntimeError(
            "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' "
            "randomness flags on vmap or perform the randomness operation out of vmap"
        )
    return tuple(v for v in THREAD.levels if v.randomness == "different")


def blank_like(t: Tensor, shape: tuple) -> Tensor:
    """An uninitialised tensor to draw into, which stands for as many examples as ``t`` and the draw."""
    if not STATE.special:
        return t.new_empty(shape)
    levels = union([levels_of(t), drawn_apart()])
    whole = t._a.tensor if isinstance(t._a, Lanes) else t
    return batched(whole.detach().new_empty((*(v.size for v in levels), *shape)), levels)
