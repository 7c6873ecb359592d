"""Batch rules: how an op runs on all examples of a ``vmap`` at once.

A rule gets the op, its arguments and the levels in them, and returns the batched result; None where this call is
not its case, so that the op runs on one example after another. All examples stand together in ``Lanes.tensor``,
with one leading dimension for each level.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import backends
from ..core.dims import wrap_dim
from ..core.dispatch import result_type
from ..core.lanes import GENERIC, RULES, Lanes, Levels, aligned, batched, call, levels_of, lowered
from ..core.op import LIST, REGISTRY, Op
from ..core.tensor import Tensor, wrap

Rule = Callable[[Op, tuple, Levels], Any]


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Register a rule for ops by name."""

    def register(fn: Rule) -> Rule:
        for name in names:
            RULES[name] = fn
        return fn

    return register


def lead(levels: Levels) -> tuple[int, ...]:
    """The lengths of the leading dimensions."""
    return tuple(v.size for v in levels)


def only_first(args: tuple) -> bool:
    """Is the first argument the only one with examples?"""
    return not levels_of(args[1:]) and bool(levels_of(args[0]))


def several(result: Any, levels: Levels) -> Any:
    """Each output batched."""
    if not isinstance(result, tuple):
        return batched(result, levels)
    parts = [batched(r, levels) for r in result]
    return type(result)(*parts) if hasattr(result, "_fields") else tuple(parts)


# ---------------------------------------------------------------- element by element
#: Further parameters that change what is computed for an element, not which elements meet.
_ELEMENT_PARAMS = {
    "alpha", "approximate", "beta", "decimals", "eps", "exponent", "high", "input_scale", "lambd", "low", "max", "min",
    "n", "nan", "neginf", "posinf", "rounding_mode", "scale", "slope", "threshold", "value", "np_dtype",
    "memory_format",
    "condition", "mask",
}  # fmt: skip

#: Ops that work element by element though their definition does not promote types.
_ELEMENTWISE = {
    "cast", "clone", "conj", "contiguous_copy", "depends", "elu", "gauss_cdf", "gelu", "hardshrink", "hardsigmoid",
    "hardswish", "hardtanh", "imag", "leaky_relu", "logsigmoid", "mish", "real", "silu", "softplus",
    "softshrink", "threshold", "threshold_backward", "view_as_real", "view_as_complex",
}  # fmt: skip

#: Ops on the last two dimensions of a tensor, whatever comes before.
_LAST_TWO = {
    "tril", "triu", "linalg_inv", "linalg_det", "linalg_slogdet", "linalg_cholesky", "linalg_eigh", "linalg_qr",
    "linalg_svd",
}  # fmt: skip


def _pointwise(op: Op) -> Rule | None:
    plain = {p.name for p in op.params if not p.kind}
    lists = any(p.kind == LIST for p in op.params)
    if lists or op.several or plain - _ELEMENT_PARAMS:
        return None
    return pointwise if op.types is not None or op.name in _ELEMENTWISE else None


GENERIC.append(_pointwise)


def pointwise(op: Op, args: tuple, levels: Levels) -> Any:
    """Operands lined up from the last dimension of an example; types brought together as for one example."""
    arrays = [a._a if isinstance(a, Tensor) else a for a in args]
    ndim = max(getattr(a, "ndim", 0) for a in arrays)
    tensors = [t for t in args if isinstance(t, Tensor)]
    target = None
    if op.types is not None and any(t.dtype is not tensors[0].dtype for t in tensors):
        target = result_type([args[i] for i in op.tensor_params if args[i] is not None])
    new: list[Any] = []
    for a in args:
        if isinstance(a, Tensor):
            t = aligned(a, levels, ndim)
            new.append(t if target is None else t.to(target))
        elif isinstance(a, Lanes):
            new.append(aligned(wrap(a), levels, ndim)._a)
        else:
            new.append(a)
    out = call(op, new)
    shape = out._a.shape
    want = lead(levels)
    if shape[: len(want)] != want:  # lengths 1 that nothing stretched
        out = out.expand(*want, *shape[len(want) :])
    return batched(out, levels)


@rule(*_LAST_TWO)
def last_two(op: Op, args: tuple, levels: Levels) -> Any:
    """The examples are further batch dimensions, which the op has anyway."""
    if not only_first(args) or args[0]._a.ndim < 2:
        return None
    return several(call(op, (args[0]._a.tensor, *args[1:])), levels)


# ---------------------------------------------------------------- along dimensions
#: Ops of one tensor with a dimension, or several, to work along: where the parameter stands.
_ALONG = {
    "all": 1, "any": 1, "argmax": 1, "argmin": 1, "amax": 1, "amin": 1, "cumprod": 1, "cumsum": 1, "flip": 1,
    "log_softmax": 1, "logcumsumexp": 1, "logsumexp": 1, "max_along": 1, "mean": 1, "mean_all": 1, "min_along": 1,
    "norm": 1, "power_norm": 2, "prod": 1, "roll": 2, "softmax": 1, "sort": 1, "squeeze": 1, "squeeze_dims": 1,
    "std": 1, "sum": 1, "sum_all": 1, "var": 1, "fft_c2c": 1, "fft_r2c": 1, "fft_c2r": 1,
}  # fmt: skip


@rule(*_ALONG)
def along(op: Op, args: tuple, levels: Levels) -> Any:
    """The same dimensions, counted behind the leading ones."""
    k, where = len(levels), _ALONG[op.name]
    if not only_first(args):
        return None
    n, dims = args[0]._a.ndim, args[where]
    if isinstance(dims, (tuple, list)):
        moved: Any = tuple(wrap_dim(d, n) + k for d in dims)
    elif dims is None or n == 0:
        return None
    else:
        moved = wrap_dim(dims, n) + k
    name = op.name.removesuffix("_all") if op.name in ("sum_all", "mean_all") else op.name
    if isinstance(moved, tuple) and not moved and not op.name.startswith("squeeze"):
        return None
    new = (args[0]._a.tensor, *args[1:where], moved, *args[where + 1 :])
    return several(call(REGISTRY[name], new), levels)


@rule("cat", "stack")
def join(op: Op, args: tuple, levels: Levels) -> Any:
    """Every part for all examples, then joined behind the leading dimensions."""
    tensors, dim = args
    n = max(t._a.ndim for t in tensors) + (op.name == "stack")
    if op.name == "cat" and any(t._a.shape == (0,) for t in tensors):
        return None  # PyTorch passes over these whatever their shape
    if not n:
        return None
    parts = [lowered(t, levels) for t in tensors]
    return batched(call(op, (parts, wrap_dim(dim, n) + len(levels))), levels)


# ---------------------------------------------------------------- shape
def first_only(fn: Callable[[Tensor, tuple, int, int, Levels], Any]) -> Rule:
    """A rule for ops of which only the first argument can have examples: ``fn(all, rest, k, ndim, levels)``."""

    def apply(op: Op, args: tuple, levels: Levels) -> Any:
        if not only_first(args):
            return None
        whole = args[0]._a.tensor
        changed = fn(whole, args[1:], len(levels), args[0]._a.ndim, levels)
        return None if changed is None else several(call(op, changed), levels)

    return apply


RULES["transpose"] = first_only(lambda t, a, k, n, v: (t, wrap_dim(a[0], n) + k, wrap_dim(a[1], n) + k))
RULES["permute"] = first_only(lambda t, a, k, n, v: (t, (*range(k), *(wrap_dim(d, n) + k for d in a[0]))))
RULES["unsqueeze"] = first_only(lambda t, a, k, n, v: (t, wrap_dim(a[0], n + 1) + k))
RULES["select"] = first_only(lambda t, a, k, n, v: (t, wrap_dim(a[0], n) + k, a[1]))
RULES["narrow"] = first_only(lambda t, a, k, n, v: (t, wrap_dim(a[0], n) + k, *a[1:]))
for _name in ("slice_view", "select_view", "unsqueeze_view", "alias_view"):
    RULES[_name] = first_only(lambda t, a, k, n, v: (t, (*(slice(None),) * k, *a[0])))
RULES["split"] = RULES["split_with_sizes"] = first_only(
    lambda t, a, k, n, v: (t, a[0], wrap_dim(a[1], n) + k)
)
RULES["unbind"] = first_only(lambda t, a, k, n, v: (t, wrap_dim(a[0], n) + k) if n else None)
RULES["diagonal"] = first_only(lambda t, a, k, n, v: (t, a[0], wrap_dim(a[1], n) + k, wrap_dim(a[2], n) + k))
RULES["unfold"] = first_only(lambda t, a, k, n, v: (t, wrap_dim(a[0], n) + k, *a[1:]) if n else None)
RULES["embed_slice"] = first_only(lambda t, a, k, n, v: (t, (*lead(v), *a[0]), (*(slice(None),) * k, *a[1])))
RULES["constant_pad"] = first_only(
    lambda t, a, k, n, v: (t, ((0, 0),) * k + tuple(a[0]), a[1]) if len(a[0]) == n else None
)


@rule("t")
def transposed(op: Op, args: tuple, levels: Levels) -> Any:
    """The two dimensions of every example swapped."""
    if args[0]._a.ndim < 2:
        return args[0]
    return batched(args[0]._a.tensor.transpose(-2, -1), levels)


@rule("view_as_shape", "reshape_copy")
def view(op: Op, args: tuple, levels: Levels) -> Any:
    """Any shape of an example; a copy where the examples together have no such view."""
    if not only_first(args):
        return None
    return batched(args[0]._a.tensor.reshape(*lead(levels), *args[1]), levels)


@rule("expand")
def expand(op: Op, args: tuple, levels: Levels) -> Any:
    """New dimensions go behind the leading ones."""
    if not only_first(args):
        return None
    whole, shape = args[0]._a.tensor, tuple(args[1])
    new = (1,) * (len(shape) - args[0]._a.ndim)
    if new:
        whole = whole.reshape(*lead(levels), *new, *args[0]._a.shape)
    return batched(call(op, (whole, (*lead(levels), *shape))), levels)


@rule("repeat")
def repeat(op: Op, args: tuple, levels: Levels) -> Any:
    """As ``expand``."""
    if not only_first(args):
        return None
    whole, repeats = args[0]._a.tensor, tuple(args[1])
    new = (1,) * (len(repeats) - args[0]._a.ndim)
    if new:
        whole = whole.reshape(*lead(levels), *new, *args[0]._a.shape)
    return batched(call(op, (whole, (*(1,) * len(levels), *repeats))), levels)


@rule("put_slice")
def put_slice(op: Op, args: tuple, levels: Levels) -> Any:
    """The same places in every example."""
    if levels_of(args[2]):
        return None
    whole, src = lowered(args[0], levels), lowered(args[1], levels)
    return batched(call(op, (whole, src, (*(slice(None),) * len(levels), *args[2]))), levels)


# ---------------------------------------------------------------- picking by index
def _flat(t: Tensor, levels: Levels) -> Tensor:
    """All examples in one leading dimension."""
    whole = lowered(t, levels)
    return whole.reshape(math.prod(lead(levels)), *whole._a.shape[len(levels) :])


def _apart(t: Tensor, levels: Levels) -> Tensor:
    return batched(t.reshape(*lead(levels), *t._a.shape[1:]), levels)


@rule("gather", "take_along")
def gather(op: Op, args: tuple, levels: Levels) -> Any:
    """Along the same dimension, behind the leading one."""
    names = [p.name for p in op.params]
    at = dict(zip(names, args))
    n = at["input"]._a.ndim
    if n == 0 or at["index"]._a.ndim != n:
        return None
    at |= {
        "input": _flat(at["input"], levels),
        "index": _flat(at["index"], levels),
        "dim": wrap_dim(at["dim"], n) + 1,
    }
    return _apart(call(op, (at[name] for name in names)), levels)


@rule("index_select")
def index_select(op: Op, args: tuple, levels: Levels) -> Any:
    """The same index for every example."""
    if not only_first(args) or args[0]._a.ndim == 0:
        return None
    k = len(levels)
    return batched(call(op, (args[0]._a.tensor, wrap_dim(args[1], args[0]._a.ndim) + k, args[2])), levels)


@rule("embedding")
def embedding(op: Op, args: tuple, levels: Levels) -> Any:
    """One table for all examples: their indices looked up together."""
    if levels_of(args[0]):
        return None
    return batched(call(op, (args[0], args[1]._a.tensor, *args[2:])), levels)


@rule("take_index")
def take_index(op: Op, args: tuple, levels: Levels) -> Any:
    """Index arrays that are the same for all examples; or one for each example, at the first dimensions."""
    x, index = args
    arrays = [i for i in index if hasattr(i, "dtype")]
    places = [k for k, i in enumerate(index) if hasattr(i, "dtype")]
    if any(isinstance(i, Lanes) and i.dtype == "bool" for i in index):
        raise RuntimeError(
            "vmap: We do not support batching operators that can support dynamic shape. Attempting to batch over "
            "indexing with a boolean mask."
        )
    adjacent = places == list(range(places[0], places[0] + len(places)))
    if (
        not adjacent
        or any(i.dtype == "bool" for i in arrays)
        or any(i is None or i is Ellipsis for i in index)
    ):
        return None
    whole = _flat(x, levels)
    if not levels_of(index):
        return _apart(call(op, (whole, (slice(None), *index))), levels)
    if places[0] != 0:
        return None
    ndim = max(i.ndim for i in arrays)
    full = []
    for i in index:
        if isinstance(i, Lanes):
            t = _flat(wrap(i), levels)
            i = t.reshape(t._a.shape[0], *(1,) * (ndim - i.ndim), *i.shape)._a
        full.append(i)
    n = math.prod(lead(levels))
    rows = backends.namespace(whole._a).arange(n).reshape(n, *(1,) * ndim)
    return _apart(call(op, (whole, (rows, *full))), levels)


# ---------------------------------------------------------------- several examples as one batch
@rule("conv", "avg_pool", "max_pool", "max_pool_indices")
def as_batch(op: Op, args: tuple, levels: Levels) -> Any:
    """Ops that treat the samples of a batch alike: the examples' samples are one larger batch."""
    if not only_first(args):
        return None
    t = args[0]
    n = t._a.shape[0]
    out = call(op, (_flat(t, levels).reshape(math.prod(lead(levels)) * n, *t._a.shape[1:]), *args[1:]))
    return batched(out.reshape(*lead(levels), n, *out._a.shape[1:]), levels)
