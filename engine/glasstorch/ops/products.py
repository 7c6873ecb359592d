"""Products beyond matmul: outer, inner, tensordot, kron, cross, and products that are added to something."""

from __future__ import annotations

import math
from typing import Any

from ..core import dtype as dt
from ..core.dims import wrap_dim
from ..core.forms import FUNCTIONS, method, public
from ..core.op import op
from ..core.outputs import C_NAMES
from ..core.outputs import C_NAMES, store
from ..core.tensor import Tensor
from .arithmetic import mul
from .matmul import _same_type, bmm, dot, matmul, mm
from .shape import reshape


def _fused(name: str, symbol: str, ranks: tuple[int, int], d_first: Any, d_second: Any, words: str, first: str,
           second: str) -> Any:  # fmt: skip
    """``beta * input + alpha * (a @ b)``: addmm, addmv, baddbmm, each with its ranks."""

    def check(xp, a, b):
        if (a.ndim, b.ndim) != ranks:
            raise RuntimeError(
                f"{name}: expected {first} and {second} with {ranks[0]} and {ranks[1]} dimensions, "
                f"got {a.ndim}-D and {b.ndim}-D"
            )
        if a.shape[-1] != b.shape[0 if ranks[1] == 1 else -2] or (a.ndim == 3 and a.shape[0] != b.shape[0]):
            raise RuntimeError(
                f"mat1 and mat2 shapes cannot be multiplied ({'x'.join(map(str, a.shape))} and "
                f"{'x'.join(map(str, b.shape))})"
            )

    def forward(xp, input: Array, a: Array, b: Array, beta, alpha):
        check(xp, a, b)
        _same_type(name, input, a, b)
        product = xp.matmul(a, b)
        if input.dtype.kind in "iu":
            beta, alpha = int(beta), int(alpha)
        try:
            start = xp.broadcast_to(input, product.shape)
        except ValueError:
            raise RuntimeError(
                f"The expanded size of the tensor {list(product.shape)} must match the existing size "
                f"{list(input.shape)}"
            ) from None
        if input.dtype.kind == "b":
            return (start & bool(beta)) | (product & bool(alpha))
        scaled = product if alpha == 1 else product * input.dtype.type(alpha)
        # beta 0 means that input is not looked at: its nan stay out.
        return scaled if beta == 0 else (start if beta == 1 else start * input.dtype.type(beta)) + scaled

    def d_input(F, g, input_shape, beta):
        r"\beta\,\bar z"
        return F.sum_to_size(g if beta == 1 else g * beta, input_shape)

    def d_a(F, g, b, alpha):
        out = d_first(F, g, b)
        return out if alpha == 1 else out * alpha

    def d_b(F, g, a, alpha):
        out = d_second(F, g, a)
        return out if alpha == 1 else out * alpha

    d_a.__doc__, d_b.__doc__ = r"\alpha\,\bar Z Y^{\top}", r"\alpha\,X^{\top} \bar Z"
    body = {"__doc__": words, "label": name, "formula": rf"\beta z + \alpha {symbol}", "forward": forward,
            "d_input": d_input, "d_a": d_a, "d_b": d_b}  # fmt: skip
    made = op(method=False, function=False, name=f"{name.capitalize()}Backward0")(
        type(f"{name}_op", (), body)
    )

    text = f"input, {first}, {second}"

    def fn(
        input: Tensor, *operands: Any, beta: Any = 1, alpha: Any = 1, out: Any = None, **named: Any
    ) -> Tensor:
        a, b = (*operands, *(named[k] for k in (first, second) if k in named))
        result = made(input, a, b, beta, alpha)
        return result if out is None else store(name, result, out, exact=True, inputs=(input, a, b))

    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = f"{name}({text}, *, beta=1, alpha=1, out=None) -> Tensor\n\n{words}"
    return method(fn)


def _turn(F: Any, x: Any) -> Any:
    return F.transpose(x, -2, -1)


addmm = _fused(
    "addmm", "X Y", (2, 2), lambda F, g, b: F.mm(g, _turn(F, b)), lambda F, g, a: F.mm(_turn(F, a), g),
    "``beta * input + alpha * (mat1 @ mat2)`` for matrices; ``input`` broadcasts.", "mat1", "mat2",
)  # fmt: skip
addmv = _fused(
    "addmv", "X y", (2, 1), lambda F, g, b: F.unsqueeze(g, 1) * F.unsqueeze(b, 0),
    lambda F, g, a: F.mv(_turn(F, a), g),
    "``beta * input + alpha * (mat @ vec)``; ``input`` broadcasts.", "mat", "vec",
)  # fmt: skip
baddbmm = _fused(
    "baddbmm", "X_b Y_b", (3, 3), lambda F, g, b: F.bmm(g, _turn(F, b)), lambda F, g, a: F.bmm(_turn(F, a), g),
    "``beta * input + alpha * (batch1 @ batch2)`` for batches of matrices; ``input`` broadcasts.", "batch1", "batch2",
)  # fmt: skip


def _scaled(input: Tensor, product: Tensor, beta: Any, alpha: Any) -> Tensor:
    if input.dtype is dt.bool_:
        return (input & bool(beta)) | (product & bool(alpha))
    if input.dtype.category < dt.FLOATING:
        beta, alpha = int(beta), int(alpha)
    product = product if alpha == 1 else product * alpha
    return product if beta == 0 else (input if beta == 1 else input * beta) + product


@method
def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """addbmm(input, batch1, batch2, *, beta=1, alpha=1) -> Tensor

    ``beta * input + alpha * sum of batch1[b] @ batch2[b]``; ``input`` broadcasts.
    """
    total = bmm(batch1, batch2).sum(0)
    if input.dtype.category < dt.FLOATING:
        total = total.to(input.dtype)
    return _scaled(input.expand(*total._a.shape), total, beta, alpha)


@method
def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """addr(input, vec1, vec2, *, beta=1, alpha=1) -> Tensor

    ``beta * input + alpha * outer(vec1, vec2)``; ``input`` broadcasts.
    """
    product = outer(vec1, vec2)
    return _scaled(input.expand(*product._a.shape), product, beta, alpha)


@method
def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """outer(input, vec2) -> Tensor

    All products of an element of one vector and one of the other.
    """
    for name, v in (("self", input), ("vec2", vec2)):
        if v._a.ndim != 1:
            raise RuntimeError(f"outer: Expected 1-D argument {name}, but got {v._a.ndim}-D")
    return mul(reshape(input, (-1, 1)), vec2)


@method
def vdot(input: Tensor, other: Tensor) -> Tensor:
    """vdot(input, other) -> Tensor

    The dot product of two vectors, the first conjugated.
    """
    return dot(input.conj(), other)


@method
def inner(input: Tensor, other: Tensor) -> Tensor:
    """inner(input, other) -> Tensor

    Dot products over the last dimension of both; a scalar multiplies.
    """
    if not input._a.ndim or not other._a.ndim:
        return input * other
    if input._a.shape[-1] != other._a.shape[-1]:
        raise RuntimeError(
            f"inner() the last dimension must match on both input tensors but got shapes {list(input._a.shape)} and "
            f"{list(other._a.shape)}"
        )
    return tensordot(input, other, ([-1], [-1]))


@public
def tensordot(a: Tensor, b: Tensor, dims: Any = 2, out: Any = None) -> Tensor:
    """tensordot(a, b, dims=2) -> Tensor

    Products summed over several dimensions: the last ``dims`` of ``a`` with the first of ``b``, or the two lists
    ``dims`` of dimensions that belong together.
    """
    if isinstance(dims, Tensor):
        dims = dims.tolist() if dims._a.ndim else int(dims)
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        first, second = list(range(a._a.ndim - dims, a._a.ndim)), list(range(dims))
    else:
        first, second = ([d] if isinstance(d, int) else list(d) for d in dims)
    if len(first) != len(second):
        raise RuntimeError("both dimension lists should have same length")
    first = [wrap_dim(d, a._a.ndim) for d in first]
    second = [wrap_dim(d, b._a.ndim) for d in second]
    for i, j in zip(first, second, strict=True):
        m, n = a._a.shape[i], b._a.shape[j]
        if m != n and m == 1:
            b = b.sum(j, keepdim=True)
        elif m != n and n == 1:
            a = a.sum(i, keepdim=True)
        elif m != n:
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {m} in dim {i} and second has size {n} "
                f"in dim {j}"
            )
    left = [k for k in range(a._a.ndim) if k not in first]
    right = [k for k in range(b._a.ndim) if k not in second]
    rows, columns = [a._a.shape[k] for k in left], [b._a.shape[k] for k in right]
    inside = math.prod(a._a.shape[k] for k in first)
    x = a.permute(*left, *first).reshape(math.prod(rows), inside)
    y = b.permute(*second, *right).reshape(inside, math.prod(columns))
    return mm(x, y).reshape((*rows, *columns))


@method
def kron(input: Tensor, other: Tensor) -> Tensor:
    """kron(input, other) -> Tensor

    The Kronecker product: every element of ``input`` times all of ``other``, laid out in blocks.
    """
    n = max(input._a.ndim, other._a.ndim)
    a = (1,) * (n - input._a.ndim) + input._a.shape
    b = (1,) * (n - other._a.ndim) + other._a.shape
    x = reshape(input, tuple(v for m in a for v in (m, 1)))
    y = reshape(other, tuple(v for m in b for v in (1, m)))
    return reshape(mul(x, y), tuple(p * q for p, q in zip(a, b, strict=True)))


@op(types="promote", method=False, function=False, fast=False, inplace=False, name="LinalgCrossBackward0")
class linalg_cross_op:
    """The vector product along a dimension of length 3."""

    label = "cross"
    formula = r"x \times y"

    def forward(xp, input: Array, other: Array, dim):
        a, b = xp.broadcast_arrays(input, other)
        return xp.cross(a, b, axis=dim)

    def d_input(F, g, other, dim):
        r"y \times \bar z"
        return F.linalg_cross(other, g, dim)

    def d_other(F, g, input, dim):
        r"\bar z \times x"
        return F.linalg_cross(g, input, dim)


def linalg_cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """linalg.cross(input, other, *, dim=-1) -> Tensor

    The vector product of vectors of length 3 along ``dim``; the other dimensions broadcast.
    """
    n = input._a.ndim
    if n != other._a.ndim:
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    if not n:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    d = wrap_dim(dim, n)
    if input._a.shape[d] != 3 or other._a.shape[d] != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {input._a.shape[d]} and {other._a.shape[d]}"
        )
    if input.dtype is not other.dtype:
        raise RuntimeError(f"expected scalar type {input.dtype.legacy} but found {other.dtype.legacy}")
    if input.dtype is dt.bool_:
        raise NotImplementedError("\"cross\" not implemented for 'Bool'")
    return linalg_cross_op(input, other, d)


@method
def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """cross(input, other, dim=None) -> Tensor

    The vector product along ``dim``, by default the first dimension of length 3.
    """
    if dim is None:
        dim = next((k for k, n in enumerate(input._a.shape) if n == 3), None)
        if dim is None:
            raise RuntimeError("no dimension of size 3 in input")
    return linalg_cross(input, other, dim=dim)


@public
def chain_matmul(*matrices: Any) -> Tensor:
    """chain_matmul(*matrices) -> Tensor

    The product of several matrices, in the order of the fewest multiplications.
    """
    items = matrices[0] if len(matrices) == 1 and isinstance(matrices[0], (tuple, list)) else matrices
    if not items:
        raise RuntimeError("chain_matmul(): Expected one or more matrices")
    for t in items:
        if t._a.ndim != 2:
            raise RuntimeError(f"Tensor dimension is {t._a.ndim}, expected 2 instead.")
    return items[0] if len(items) == 1 else multi_dot(items)


def multi_dot(tensors: Any) -> Tensor:
    """linalg.multi_dot(tensors) -> Tensor

    The product of several matrices, in the order of the fewest multiplications. The first may be a row vector, the last
    a column vector.
    """
    if isinstance(tensors, Tensor):
        raise TypeError(
            "linalg_multi_dot(): argument 'tensors' (position 1) must be tuple of Tensors, not Tensor"
        )
    items = list(tensors)
    last = len(items) - 1
    if last < 1:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(items)}")
    for k, t in enumerate(items):
        if not isinstance(t, Tensor):
            raise TypeError(f"expected Tensor as element {k} in argument 0, but got {type(t).__name__}")
    for k, t in enumerate(items):
        if k in (0, last) and t._a.ndim not in (1, 2):
            which = "first" if k == 0 else "last"
            raise RuntimeError(f"multi_dot(): the {which} tensor must be 1D or 2D but got {t._a.ndim}D")
        if k not in (0, last) and t._a.ndim != 2:
            raise RuntimeError(f"multi_dot(): tensor {k} must be 2D but got {t._a.ndim}D")
        if t.dtype is not items[0].dtype:
            kinds = [C_NAMES.get(x.dtype.name, x.dtype.name) for x in (items[0], t)]
            raise RuntimeError(
                f"multi_dot(): all tensors must have be the same dtype but tensor 0 is {kinds[0]} "
                f"and tensor {k} {kinds[1]}"
            )
    row, column = items[0]._a.ndim == 1, items[-1]._a.ndim == 1
    if row:
        items[0] = items[0].unsqueeze(0)
    if column:
        items[-1] = items[-1].unsqueeze(1)
    for k in range(last):
        m, n = items[k]._a.shape, items[k + 1]._a.shape
        if m[1] != n[0]:
            raise RuntimeError(
                f"multi_dot(): tensors {k} and {k + 1} with shapes {list(m)} and {list(n)} cannot be multiplied"
            )
    out = _in_order(
        items, _cheapest([t._a.shape[0] for t in items] + [items[-1]._a.shape[1]]), 0, len(items) - 1
    )
    out = out.squeeze(0) if row else out
    return out.squeeze(-1) if column else out


def _cheapest(sizes: list[int]) -> dict[tuple[int, int], int]:
    """Where to cut each chain of matrices so that multiplying costs least."""
    n = len(sizes) - 1
    cost = {(i, i): 0 for i in range(n)}
    cut: dict[tuple[int, int], int] = {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            prices = {
                k: cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1] for k in range(i, j)
            }
            cut[i, j] = min(prices, key=prices.__getitem__)
            cost[i, j] = prices[cut[i, j]]
    return cut


def _in_order(items: list, cut: dict, i: int, j: int) -> Tensor:
    return (
        items[i]
        if i == j
        else matmul(_in_order(items, cut, i, cut[i, j]), _in_order(items, cut, cut[i, j] + 1, j))
    )


FUNCTIONS["ger"] = outer
