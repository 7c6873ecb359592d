"""Weights as lengths times directions. Source: https://arxiv.org/abs/1602.07868"""

from __future__ import annotations

from ..core.dims import wrap_dim
from ..core.forms import public
from ..core.tensor import Tensor


@public
def norm_except_dim(v: Tensor, pow: int = 2, dim: int = 0) -> Tensor:
    """norm_except_dim(v, pow=2, dim=0) -> Tensor

    The norm over all dimensions but one, which broadcasts against ``v``; ``dim=-1``: over all, 0-d.
    """
    if dim == -1:
        return v.norm(pow)
    kept = wrap_dim(dim, v._a.ndim)
    others = [d for d in range(v._a.ndim) if d != kept]
    return v.norm(pow, others, keepdim=True) if others else v.abs()


@public
def _weight_norm(v: Tensor, g: Tensor, dim: int = 0) -> Tensor:
    """``g * v / ||v||``, the norm over all dimensions but ``dim``."""
    return v * (g / norm_except_dim(v, 2, dim))
