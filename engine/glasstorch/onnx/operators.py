"""Each operation of a program as operators of ONNX.

A translation is a function of a ``Writer`` and the call's arguments; it adds nodes and gives the names of the results.
Constants are written as initializers. Source: https://onnx.ai/onnx/operators/ (opset 18).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .export import Writer

TRANSLATIONS: dict[str, Callable[..., Any]] = {}


def translates(*names: str) -> Callable:
    """Registers a translation for operations of these names. It gets the writer and the call's arguments."""

    def register(fn: Callable) -> Callable:
        TRANSLATIONS.update(dict.fromkeys(names, fn))
        return fn

    return register


def _unary(name: str, operator: str) -> None:
    TRANSLATIONS[name] = lambda w, input: w.node(operator, input)


for _name, _operator in {
    "relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "exp": "Exp", "log": "Log", "sqrt": "Sqrt", "abs": "Abs",
    "neg": "Neg", "erf": "Erf", "sin": "Sin", "cos": "Cos", "floor": "Floor", "ceil": "Ceil",
    "reciprocal": "Reciprocal", "sign": "Sign", "logical_not": "Not", "isnan": "IsNaN",
}.items():  # fmt: skip
    _unary(_name, _operator)

for _name, _operator in {
    "mul": "Mul", "true_divide": "Div", "pow": "Pow", "eq": "Equal", "lt": "Less", "gt": "Greater", "le": "LessOrEqual",
    "ge": "GreaterOrEqual", "maximum": "Max", "minimum": "Min", "logical_and": "And", "logical_or": "Or",
}.items():  # fmt: skip
    TRANSLATIONS[_name] = lambda w, input, other, *, operator=_operator: w.node(
        operator, *w.alike(input, other)
    )


@translates("add")
def add(w: Writer, input: Any, other: Any, alpha: Any = 1) -> str:
    input, other = w.alike(input, other)
    return w.node("Add", input, other if alpha == 1 else w.node("Mul", *w.alike(other, alpha)))


@translates("sub")
def sub(w: Writer, input: Any, other: Any, alpha: Any = 1) -> str:
    input, other = w.alike(input, other)
    return w.node("Sub", input, other if alpha == 1 else w.node("Mul", *w.alike(other, alpha)))


# ------------------------------------------------------------------ products
@translates("linear")
def linear(w: Writer, input: Any, weight: Any, bias: Any) -> str:
    if w.rank(weight) != 2:
        w.refuse("linear with a weight that is no matrix")
    if w.rank(input) == 2:
        return w.node("Gemm", input, weight, *([] if bias is None else [bias]), transB=1)
    out = w.node("MatMul", input, w.node("Transpose", weight, perm=[1, 0]))
    return out if bias is None else w.node("Add", out, bias)


@translates("addmm")
def addmm(w: Writer, input: Any, mat1: Any, mat2: Any, beta: Any = 1, alpha: Any = 1) -> str:
    return w.node("Gemm", mat1, mat2, input, alpha=float(alpha), beta=float(beta))


@translates("mm", "bmm", "mv", "dot", "batched_matmul")
def matmul(w: Writer, input: Any, other: Any) -> str:
    return w.node("MatMul", input, other)


# ------------------------------------------------------------------ shapes
@translates("view_as_shape", "reshape_copy")
def reshape(w: Writer, input: Any, shape: Sequence[int]) -> str:
    return w.node("Reshape", input, w.integers(shape), allowzero=1)


@translates("transpose")
def transpose(w: Writer, input: Any, dim0: int, dim1: int) -> str:
    order = list(range(w.rank(input)))
    order[dim0], order[dim1] = order[dim1], order[dim0]
    return w.node("Transpose", input, perm=order)


@translates("permute")
def permute(w: Writer, input: Any, dims: Sequence[int]) -> str:
    return w.node("Transpose", input, perm=[d % w.rank(input) for d in dims])


@translates("unsqueeze")
def unsqueeze(w: Writer, input: Any, dim: int) -> str:
    return w.node("Unsqueeze", input, w.integers([dim]))


@translates("squeeze", "squeeze_dims")
def squeeze(w: Writer, input: Any, dims: Any = None) -> str:
    sizes = w.shape(input)
    gone = [d % len(sizes) for d in dims_of(w, input, dims)]
    return w.node("Squeeze", input, w.integers([d for d in gone if sizes[d] == 1]))


@translates("index_select")
def index_select(w: Writer, input: Any, dim: int, index: Any) -> str:
    return w.node("Gather", input, index, axis=dim)


@translates("slice_view", "select_view", "unsqueeze_view")
def slice_view(w: Writer, input: Any, index: Any) -> str:
    """``x[1:3, ..., 0, None]``: slices, then the dimensions that an integer takes away and None adds."""
    parts = index if isinstance(index, tuple) else (index,)
    rank, used = w.rank(input), sum(p is not None and p is not Ellipsis for p in parts)
    slices: list[tuple[int, slice]] = []
    taken, added, dim, place = [], [], 0, 0
    for part in parts:
        if part is None:
            added.append(place)
            place += 1
        elif part is Ellipsis:
            dim, place = dim + rank - used, place + rank - used
        elif isinstance(part, slice):
            slices.append((dim, part))
            dim, place = dim + 1, place + 1
        else:
            at = int(part) % w.shape(input)[dim]
            slices.append((dim, slice(at, at + 1)))
            taken.append(dim)
            dim += 1
    if slices:
        bounds = [part.indices(w.shape(input)[d]) for d, part in slices]
        starts, stops, steps = zip(*bounds, strict=True)
        dims = [d for d, _ in slices]
        input = w.node("Slice", input, *map(w.integers, (starts, stops, dims, steps)))
    if taken:
        input = w.node("Squeeze", input, w.integers(taken))
    return w.node("Unsqueeze", input, w.integers(added)) if added else input


@translates("expand")
def expand(w: Writer, input: Any, shape: Sequence[int]) -> str:
    return w.node("Expand", input, w.integers([max(1, s) for s in shape]))


@translates("cat")
def cat(w: Writer, tensors: list, dim: int) -> str:
    return w.node("Concat", *tensors, axis=dim)


@translates("stack")
def stack(w: Writer, tensors: list, dim: int) -> str:
    return w.node("Concat", *(w.node("Unsqueeze", t, w.integers([dim])) for t in tensors), axis=dim)


@translates("unbind")
def unbind(w: Writer, input: Any, dim: int) -> list[str]:
    return [w.node("Gather", input, w.integers(k), axis=dim) for k in range(w.shape(input)[dim])]


@translates("split")
def split(w: Writer, input: Any, lengths: Sequence[int], dim: int) -> list[str]:
    names = w.nodes("Split", len(lengths), input, w.integers(lengths), axis=dim)
    return names


@translates("cast")
def cast(w: Writer, input: Any, dtype: Any) -> str:
    return w.cast(input, dtype)


@translates("clone", "alias", "alias_view", "contiguous_copy")
def identity(w: Writer, input: Any, *options: Any) -> str:
    return w.node("Identity", input)


@translates("select")
def select(w: Writer, input: Any, dim: int, index: int) -> str:
    return w.node("Gather", input, w.integers(index), axis=dim)


@translates("narrow")
def narrow(w: Writer, input: Any, dim: int, start: int, length: int) -> str:
    begin = start % max(w.shape(input)[dim], 1)
    return w.node("Slice", input, w.integers([begin]), w.integers([begin + length]), w.integers([dim]))


# ------------------------------------------------------------------ over dimensions
def dims_of(w: Writer, input: Any, dims: Any) -> list[int]:
    """The dimensions that a reduction goes over."""
    if dims is None or dims == ():
        return list(range(w.rank(input)))
    return [dims] if isinstance(dims, int) else list(dims)


def _reduction(name: str, operator: str) -> None:
    def translate(w: Writer, input: Any, dims: Any = None, keepdim: bool = False) -> str:
        return w.node(operator, input, w.integers(dims_of(w, input, dims)), keepdims=int(keepdim))

    TRANSLATIONS[name] = translate


for _name, _operator in {
    "mean": "ReduceMean", "mean_all": "ReduceMean", "sum": "ReduceSum", "sum_all": "ReduceSum", "amax": "ReduceMax",
    "amin": "ReduceMin", "logsumexp": "ReduceLogSumExp",
}.items():  # fmt: skip
    _reduction(_name, _operator)


@translates("all")
def all_true(w: Writer, input: Any, dim: Any = None, keepdim: bool = False) -> str:
    least = w.node(
        "ReduceMin",
        w.cast(input, np.dtype(np.float32)),
        w.integers(dims_of(w, input, dim)),
        keepdims=int(keepdim),
    )
    return w.node("Greater", least, w.constant(np.float32(0)))


@translates("any")
def any_true(w: Writer, input: Any, dim: Any = None, keepdim: bool = False) -> str:
    most = w.node(
        "ReduceMax",
        w.cast(input, np.dtype(np.float32)),
        w.integers(dims_of(w, input, dim)),
        keepdims=int(keepdim),
    )
    return w.node("Greater", most, w.constant(np.float32(0)))


@translates("softmax")
def softmax(w: Writer, input: Any, dim: int) -> str:
    return w.node("Softmax", input, axis=dim)


@translates("log_softmax")
def log_softmax(w: Writer, input: Any, dim: int) -> str:
    return w.node("LogSoftmax", input, axis=dim)


# ------------------------------------------------------------------ layers
@translates("conv")
def conv(w: Writer, input: Any, weight: Any, bias: Any, geometry: Any) -> str:
    return w.node(
        "Conv", input, weight, *([] if bias is None else [bias]), strides=list(geometry.stride),
        pads=[*geometry.padding] * 2, dilations=list(geometry.dilation), group=geometry.groups,
    )  # fmt: skip


@translates("batch_norm_fixed")
def batch_norm(w: Writer, input: Any, weight: Any, bias: Any, mean: Any, var: Any, eps: float) -> str:
    channels = w.shape(input)[1]
    kind = w.dtype(input)
    weight = w.constant(np.ones(channels, kind)) if weight is None else weight
    bias = w.constant(np.zeros(channels, kind)) if bias is None else bias
    return w.node("BatchNormalization", input, weight, bias, mean, var, epsilon=eps)


@translates("layer_norm")
def layer_norm(w: Writer, input: Any, weight: Any, bias: Any, dims: Sequence[int], eps: float) -> str:
    shape = [w.shape(input)[d] for d in dims]
    weight = w.constant(np.ones(shape, w.dtype(input))) if weight is None else weight
    return w.node(
        "LayerNormalization", input, weight, *([] if bias is None else [bias]), axis=min(dims), epsilon=eps
    )


@translates("embedding")
def embedding(w: Writer, weight: Any, indices: Any, *options: Any) -> str:
    return w.node("Gather", weight, indices, axis=0)


@translates("gelu")
def gelu(w: Writer, input: Any, approximate: str) -> str:
    """By its formula: the operator Gelu came only with opset 20."""
    if approximate == "tanh":
        cube = w.node("Mul", w.node("Mul", input, input), input)
        inside = w.node("Add", input, w.node("Mul", *w.alike(cube, 0.044715)))
        bent = w.node("Tanh", w.node("Mul", *w.alike(inside, math.sqrt(2 / math.pi))))
    else:
        bent = w.node("Erf", w.node("Mul", *w.alike(input, math.sqrt(0.5))))
    share = w.node("Mul", *w.alike(w.node("Add", *w.alike(bent, 1.0)), 0.5))
    return w.node("Mul", input, share)


@translates("softplus")
def softplus(w: Writer, input: Any, beta: float, threshold: float) -> str:
    """The threshold, above which PyTorch returns its input, makes no difference beyond rounding."""
    if beta == 1:
        return w.node("Softplus", input)
    return w.node("Div", *w.alike(w.node("Softplus", w.node("Mul", *w.alike(input, beta))), beta))


@translates("rsqrt")
def rsqrt(w: Writer, input: Any) -> str:
    return w.node("Reciprocal", w.node("Sqrt", input))


@translates("round")
def nearest(w: Writer, input: Any, decimals: int = 0) -> str:
    if decimals:
        w.refuse("round to decimals")
    return w.node("Round", input)


@translates("silu")
def silu(w: Writer, input: Any) -> str:
    return w.node("Mul", input, w.node("Sigmoid", input))


@translates("hardtanh")
def hardtanh(w: Writer, input: Any, low: float, high: float) -> str:
    kind = w.dtype(input)
    return w.node("Clip", input, w.constant(kind.type(low)), w.constant(kind.type(high)))


@translates("leaky_relu")
def leaky_relu(w: Writer, input: Any, slope: float) -> str:
    return w.node("LeakyRelu", input, alpha=float(slope))


@translates("where")
def where(w: Writer, condition: Any, input: Any, other: Any) -> str:
    return w.node("Where", condition, *w.alike(input, other))


@translates("masked_fill")
def masked_fill(w: Writer, input: Any, value: Any, mask: Any) -> str:
    input, value = w.alike(input, value)
    return w.node("Where", mask, value, input)


@translates("triu", "tril")
def triangle(w: Writer, input: Any, diagonal: int = 0, *, upper: bool = True) -> str:
    return w.node("Trilu", input, w.integers(diagonal), upper=int(upper))


TRANSLATIONS["tril"] = lambda w, input, diagonal=0: triangle(w, input, diagonal, upper=False)


# ------------------------------------------------------------------ recurrent steps
@translates("lstm_gates")
def lstm_gates(w: Writer, gates: Any, cx: Any) -> list[str]:
    """One step from the gates' sums: i, f, g, o as in PyTorch."""
    hidden = w.shape(cx)[-1]
    i, f, g, o = w.nodes("Split", 4, gates, w.integers([hidden] * 4), axis=-1)
    kept = w.node("Mul", w.node("Sigmoid", f), cx)
    cell = w.node("Add", kept, w.node("Mul", w.node("Sigmoid", i), w.node("Tanh", g)))
    return [w.node("Mul", w.node("Sigmoid", o), w.node("Tanh", cell)), cell]


@translates("gru_gates")
def gru_gates(w: Writer, x: Any, h: Any, hx: Any) -> str:
    """One step from the input's and the hidden state's sums: r, z, n as in PyTorch."""
    hidden = w.shape(hx)[-1]
    xr, xz, xn = w.nodes("Split", 3, x, w.integers([hidden] * 3), axis=-1)
    hr, hz, hn = w.nodes("Split", 3, h, w.integers([hidden] * 3), axis=-1)
    r, z = w.node("Sigmoid", w.node("Add", xr, hr)), w.node("Sigmoid", w.node("Add", xz, hz))
    n = w.node("Tanh", w.node("Add", xn, w.node("Mul", r, hn)))
    return w.node("Add", n, w.node("Mul", z, w.node("Sub", hx, n)))


# ------------------------------------------------------------------ pooling
def _windows(w: Writer, input: Any, pool: Any) -> dict[str, list[int]]:
    """Windows as attributes. What hangs over the end (``ceil_mode``) is padding there."""
    size = w.shape(input)[-len(pool.kernel) :]
    ends = [n - s - p for n, s, p in zip(pool.needed(size), size, pool.padding, strict=True)]
    return {
        "kernel_shape": list(pool.kernel), "strides": list(pool.stride), "dilations": list(pool.dilation),
        "pads": [*pool.padding, *(max(0, e) for e in ends)],
    }  # fmt: skip


def _batched(w: Writer, input: Any, pool: Any) -> tuple[str, bool]:
    """The input with a batch of one, where it has none."""
    alone = w.rank(input) == len(pool.kernel) + 1
    return (w.node("Unsqueeze", input, w.integers([0])) if alone else input), alone


def _unbatched(w: Writer, out: str, alone: bool) -> str:
    return w.node("Squeeze", out, w.integers([0])) if alone else out


@translates("max_pool")
def max_pool(w: Writer, input: Any, pool: Any) -> str:
    batch, alone = _batched(w, input, pool)
    return _unbatched(w, w.node("MaxPool", batch, **_windows(w, input, pool)), alone)


@translates("max_pool_indices")
def max_pool_indices(w: Writer, input: Any, top: Any, pool: Any) -> str:
    """Places within one channel's plane; the operator counts through the whole batch."""
    batch, alone = _batched(w, input, pool)
    _, places = w.nodes("MaxPool", 2, batch, **_windows(w, input, pool))
    plane = w.integers(math.prod(w.shape(input)[-len(pool.kernel) :]))
    return _unbatched(w, w.node("Mod", places, plane), alone)


@translates("avg_pool")
def avg_pool(w: Writer, input: Any, pool: Any, divisor: Any) -> str:
    batch, alone = _batched(w, input, pool)
    windows = _windows(w, input, pool)
    del windows["dilations"]  # always 1, and older opsets do not know it
    out = _unbatched(w, w.node("AveragePool", batch, count_include_pad=1, **windows), alone)
    share = math.prod(pool.kernel) / w.array(divisor)
    return out if (share == 1).all() else w.node("Mul", out, w.constant(share.astype(w.dtype(input))))
