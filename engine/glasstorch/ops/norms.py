"""Norms of vectors, and the older ``norm``, which takes matrices' norms by name as well."""

from __future__ import annotations

import math
from typing import Any

from ..core import dtype as dt
from ..core.dims import wrap_dims
from ..core.forms import method
from ..core.op import op
from ..core.tensor import Tensor
from .matrices import array_of, element_type
from .reduce import spread


@op(wide=True, method=False, function=False, name="LinalgVectorNormBackward0")
class linalg_vector_norm:
    """The p-th root of the sum of p-th powers of sizes; p may be inf (the largest), -inf (the smallest), 0 (how many).

    Where an element or the norm is 0, so that there is no derivative, the gradient is 0, as in PyTorch; the second
    one is nan there, for the same reason.
    """

    label = "norm"
    formula = r"\left(\sum_i |x_i|^p\right)^{1/p}"
    holomorphic = False

    def forward(xp, input: Array, p, dims, keepdim):
        kind = input.real.dtype
        size = xp.abs(input)
        if kind.itemsize == 2:  # half precision is summed in single
            size = size.astype(xp.float32)
        if p == math.inf:
            out = xp.max(size, axis=dims, keepdims=keepdim)
        elif p == -math.inf:
            out = xp.min(size, axis=dims, keepdims=keepdim)
        elif p == 0:
            out = xp.sum(size != 0, axis=dims, keepdims=keepdim)
        elif p == 1:
            out = xp.sum(size, axis=dims, keepdims=keepdim)
        elif p == 2:
            out = xp.sqrt(xp.sum(size * size, axis=dims, keepdims=keepdim))
        else:
            out = xp.sum(size**p, axis=dims, keepdims=keepdim) ** (1.0 / p)
        return out.astype(kind, copy=False)

    def d_input(F, g, input, out, p, dims, keepdim):
        r"\bar y \, \mathrm{sgn}(x_i) \, |x_i|^{p-1} / y^{p-1}"
        shape = input.shape
        if p == 0:
            return F.zeros_of(shape, input)
        g = spread(F, g, shape, dims, keepdim)
        if p == 1:
            return F.sgn(input) * g
        whole = spread(F, out, shape, dims, keepdim)
        if abs(p) == math.inf:  # equal elements share the gradient
            size = abs(array_of(input))
            best = (size == array_of(whole)) | (size != size)
            share = best / best.sum(axis=dims, keepdims=True).astype(size.dtype)
            return F.sgn(input) * (g * F.constant(share.astype(size.dtype, copy=False), g))
        if p == 2:
            return g * F.where(whole == 0, 0, input / whole)
        if p < 1:
            slope = F.where(input == 0, 0, F.sgn(input) * F.abs(input) ** (p - 1))
            return slope * g * whole ** (1 - p)
        scale = F.where(whole == 0, 0, g / whole ** (p - 1))
        if p < 2:
            return F.sgn(input) * F.abs(input) ** (p - 1) * scale
        return input * F.abs(input) ** (p - 2) * scale


def in_type(name: str, x: Tensor, dtype: dt.dtype | None) -> Tensor:
    """``x`` in the type of the computation; RuntimeError for integers and for a type that says less."""
    if x.dtype.category < dt.FLOATING:
        element_type(name, x._a)
    if dtype is None or dtype is x.dtype:
        return x
    if x.is_complex() != dtype.is_complex:
        kind = "complex" if x.is_complex() else "real"
        raise RuntimeError(
            f"{name}: dtype should be {kind} for {kind} inputs, but got {LEGACY.get(dtype.name, dtype.legacy)}"
        )
    if dt.promote_types(x.dtype, dtype) is not dtype:
        raise RuntimeError(
            f"{name}: the dtype of the input ({x.dtype.legacy}) should be convertible without narrowing to the "
            f"specified dtype ({dtype.legacy})"
        )
    return x.to(dtype)


LEGACY = {"complex64": "ComplexFloat", "complex128": "ComplexDouble"}


def vector_norm(x: Tensor, ord: Any, dim: Any, keepdim: bool, dtype: Any) -> Tensor:
    """The norm of the numbers along ``dim``, whatever the shape."""
    if not isinstance(ord, (int, float)):
        raise TypeError(
            f"linalg_vector_norm(): argument 'ord' (position 2) must be Number, not {type(ord).__name__}"
        )
    x = in_type("linalg.vector_norm", x, dtype)
    dims = wrap_dims(dim, x._a.ndim)
    if not x._a.size and (ord < 0 or ord == math.inf):
        if dim is None or dim == () or dim == []:
            _no_identity(ord, "an empty tensor because the")
        for d in dims:
            if not x._a.shape[d]:
                _no_identity(ord, f"the dimension {d} because this dimension is empty and the")
    return linalg_vector_norm(x, ord, dims, bool(keepdim))


def _no_identity(ord: float, where: str) -> None:
    raise RuntimeError(
        f"linalg.vector_norm cannot compute the {ord:g} norm on {where} operation does not have an identity"
    )


@method
def norm(
    input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, out: Any = None, dtype: Any = None
) -> Tensor:
    """norm(input, p="fro", dim=None, keepdim=False, out=None, dtype=None) -> Tensor

    The vector norm: ``p`` is "fro" or 2 (root of the sum of squares), 1, inf, -inf, 0 or another number; or a
    matrix's: "nuc". ``linalg.vector_norm`` and ``linalg.matrix_norm`` say which they mean.
    """
    if isinstance(p, str) and (p != "fro" or (isinstance(dim, (tuple, list)) and len(dim) > 2)):
        from ..linalg import matrix_norm

        result = matrix_norm(input, p, (-2, -1) if dim is None else dim, keepdim, dtype=dtype)
    else:
        result = vector_norm(input, 2 if p is None or p == "fro" else p, dim, keepdim, dtype)
    if out is None:
        return result
    from ..core.outputs import store

    return store("norm", result, out, exact=True)
