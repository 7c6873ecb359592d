"""The parts of floating-point numbers, and lengths cut to a limit."""

from __future__ import annotations

from typing import Any

from ..core import dtype as dt
from ..core.dims import wrap_dim
from ..core.forms import method
from ..core.op import op
from ..core.results import return_type
from ..core.tensor import Tensor


@op(name="FrexpBackward0")
class frexp:
    """frexp(input) -> (mantissa, exponent)

    ``input = mantissa * 2**exponent`` with a mantissa of size 1/2 up to, not including, 1; 0, infinities and nan have
    exponent 0. Exponents are int32.
    """

    formula = r"x = m \cdot 2^{e}"
    several, nondifferentiable, keeps = True, (1,), ("scale",)
    result_type = return_type("frexp", ("mantissa", "exponent"))

    def forward(xp, input: Array):
        if not dt.from_numpy_dtype(input.dtype).is_floating_point:
            raise RuntimeError("torch.frexp() only supports floating-point dtypes")
        wide = (
            input if input.dtype.itemsize > 2 else input.astype(xp.float32)
        )  # exact: no type has fewer digits
        mantissa, exponent = xp.frexp(wide)
        exponent = exponent.astype(xp.int32)
        scale = xp.ldexp(xp.ones_like(wide), -exponent).astype(input.dtype)
        return (mantissa.astype(input.dtype), exponent), (scale,)

    def d_input(F, g, scale):
        r"\bar m / 2^{e}"
        return g[0] * scale


@method
def renorm(input: Tensor, p: Any, dim: int, maxnorm: Any) -> Tensor:
    """renorm(input, p, dim, maxnorm) -> Tensor

    Each slice along ``dim`` whose p-norm is above ``maxnorm`` is scaled down to it.
    """
    if isinstance(p, complex):
        raise RuntimeError("renorm: p must be real-valued")
    if p <= 0:
        raise RuntimeError("renorm: non-positive-norm not supported")
    if isinstance(maxnorm, complex):
        raise RuntimeError("renorm: maxnorm must be real-valued")
    if maxnorm < 0:
        raise RuntimeError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm:g}")
    ndim = input._a.ndim
    if ndim < 2:
        raise RuntimeError(f"renorm: input needs at least 2 dimensions, got {ndim} dimensions")
    d = wrap_dim(dim, ndim)
    from ..linalg import vector_norm

    wide = dt.float32 if input.dtype in (dt.float16, dt.bfloat16) else None
    size = vector_norm(input, p, tuple(k for k in range(ndim) if k != d), True, dtype=wide)
    scale = (maxnorm / (size + 1e-7)).where(size > maxnorm, size.new_ones(()))
    return input * scale.to(input.dtype.to_real())
