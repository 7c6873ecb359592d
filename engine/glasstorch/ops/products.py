"""Products beyond matmul: outer, inner, tensordot, kron, cross, chains of matrices."""

from __future__ import annotations

import math
from typing import Any

from ..core import dtype as dt
from ..core.dims import wrap_dim
from ..core.forms import FUNCTIONS, method, public
from ..core.frames import warn, warn_once
from ..core.op import op
from ..core.outputs import C_NAMES, store
from ..core.refusals import takes_tensors
from ..core.tensor import Tensor
from .arithmetic import mul
from .matmul import called, dot, matmul, mm
from .shape import reshape


@method
@takes_tensors()
def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """outer(input, vec2) -> Tensor

    All products of an element of one vector and one of the other.
    """
    for name, v in (("self", input), ("vec2", vec2)):
        if v._a.ndim != 1:
            raise RuntimeError(f"outer: Expected 1-D argument {name}, but got {v._a.ndim}-D")
    return mul(reshape(input, (-1, 1)), vec2)


@method
@takes_tensors()
def vdot(input: Tensor, other: Tensor) -> Tensor:
    """vdot(input, other) -> Tensor

    The dot product of two vectors, the first conjugated.
    """
    return called("VdotBackward0", dot(input.conj(), other))


@method
@takes_tensors()
def inner(input: Tensor, other: Tensor) -> Tensor:
    """inner(input, other) -> Tensor

    Dot products over the last dimension of both; a scalar multiplies.
    """
    if not input._a.ndim or not other._a.ndim:
        return input * other
    _one_type(input, other)
    if input._a.shape[-1] != other._a.shape[-1]:
        raise RuntimeError(
            f"inner() the last dimension must match on both input tensors but got shapes {list(input._a.shape)} and "
            f"{list(other._a.shape)}"
        )
    if input._a.ndim == other._a.ndim == 1:
        return dot(input, other)
    return tensordot(input, other, ([-1], [-1]))


def _one_type(a: Tensor, b: Tensor) -> None:
    if a.dtype is not b.dtype:
        raise RuntimeError("both inputs should have same dtype")


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
        if dims > min(a._a.ndim, b._a.ndim):
            raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
        first, second = list(range(a._a.ndim - dims, a._a.ndim)), list(range(dims))
    else:
        first, second = ([d] if isinstance(d, int) else list(d) for d in dims)
    if len(first) != len(second):
        raise RuntimeError("both dimension lists should have same length")
    _one_type(a, b)
    first = [wrap_dim(d, a._a.ndim) for d in first]
    second = [wrap_dim(d, b._a.ndim) for d in second]
    for i, j in zip(first, second, strict=True):
        m, n = a._a.shape[i], b._a.shape[j]
        if m != n and m == 1:
            b = b.sum(j, keepdim=True, dtype=b.dtype)
        elif m != n and n == 1:
            a = a.sum(i, keepdim=True, dtype=a.dtype)
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
    product = mm(x, y).reshape((*rows, *columns))
    return product if out is None else store("tensordot", product, out, exact=True)


@method
@takes_tensors()
def kron(input: Tensor, other: Tensor) -> Tensor:
    """kron(input, other) -> Tensor

    The Kronecker product: every element of ``input`` times all of ``other``, laid out in blocks.
    """
    n = max(input._a.ndim, other._a.ndim)
    a = (1,) * (n - input._a.ndim) + input._a.shape
    b = (1,) * (n - other._a.ndim) + other._a.shape
    x = reshape(input, tuple(v for m in a for v in (m, 1)))
    y = reshape(other, tuple(v for m in b for v in (1, m)))
    out = reshape(mul(x, y), tuple(p * q for p, q in zip(a, b, strict=True)))
    return called("UnsafeViewBackward0", out)


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
@takes_tensors()
def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """cross(input, other, dim=None) -> Tensor

    The vector product along ``dim``, by default the first dimension of length 3.
    """
    if dim is None:
        warn_once(
            "Using torch.cross without specifying the dim arg is deprecated.\nPlease either pass the dim explicitly or "
            "simply use torch.linalg.cross."
        )
        dim = next((k for k, n in enumerate(input._a.shape) if n == 3), None)
        if dim is None:
            raise RuntimeError("no dimension of size 3 in input")
    return linalg_cross(input, other, dim=dim)


@public
def chain_matmul(*matrices: Any, out: Any = None) -> Tensor:
    """chain_matmul(*matrices, out=None) -> Tensor

    The product of several matrices, in the order of the fewest multiplications.
    """
    warn(
        "torch.chain_matmul is deprecated and will be removed in a future PyTorch release. Use torch.linalg.multi_dot "
        "instead, which accepts a list of two or more tensors rather than multiple parameters."
    )
    items = matrices[0] if len(matrices) == 1 and isinstance(matrices[0], (tuple, list)) else matrices
    if not items:
        raise RuntimeError("chain_matmul(): Expected one or more matrices")
    for k, t in enumerate(items):
        if not isinstance(t, Tensor):
            raise TypeError(f"expected Tensor as element {k} in argument 0, but got {type(t).__name__}")
        if t._a.ndim != 2:
            raise RuntimeError(f"Tensor dimension is {t._a.ndim}, expected 2 instead.")
    product = items[0] if len(items) == 1 else multi_dot(items)
    return product if out is None else store("chain_matmul", product, out, exact=True)


def multi_dot(tensors: Any, *, out: Any = None) -> Tensor:
    """linalg.multi_dot(tensors, *, out=None) -> Tensor

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
    sizes = [t._a.shape[0] for t in items] + [items[-1]._a.shape[1]]
    product = _in_order(items, _cheapest(sizes), 0, last)
    product = product.squeeze(0) if row else product
    product = product.squeeze(-1) if column else product
    return product if out is None else store("multi_dot", product, out, exact=True)


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
