"""What authors of distributions share: shapes, probabilities and logits, triangular matrices as vectors.

Source: https://github.com/pytorch/pytorch/blob/main/torch/distributions/utils.py
"""

from __future__ import annotations

from ..core.tensor import Tensor
from ..ops.create import zeros
from ..ops.ranges import arange
from .distribution import broadcast_all, eps_of, lazy_property, logits_to_probs, probs_to_logits

__all__ = [
    "broadcast_all",
    "clamp_probs",
    "lazy_property",
    "logits_to_probs",
    "probs_to_logits",
    "tril_matrix_to_vec",
    "vec_to_tril_matrix",
]

euler_constant = 0.57721566490153286060


def clamp_probs(probs: Tensor) -> Tensor:
    """Probabilities kept away from 0 and 1 by the smallest step of their type."""
    eps = eps_of(probs)
    return probs.clamp(min=eps, max=1 - eps)


def _below(n: int, diag: int, like: Tensor) -> Tensor:
    """Where an n x n matrix has its lower triangle, up to the diagonal ``diag``."""
    along = arange(n, device=like.device)
    return along < along.view(-1, 1) + (diag + 1)


def tril_matrix_to_vec(mat: Tensor, diag: int = 0) -> Tensor:
    """The lower triangles of matrices, row by row, as vectors."""
    n = mat.shape[-1]
    if diag < -n or diag >= n:
        raise ValueError(f"diag ({diag}) provided is outside [{-n}, {n - 1}].")
    return mat[..., _below(n, diag, mat)]


def vec_to_tril_matrix(vec: Tensor, diag: int = 0) -> Tensor:
    """Lower triangular matrices from vectors of their elements, row by row."""
    length = vec.shape[-1]
    size = (-(1 + 2 * diag) + ((1 + 2 * diag) ** 2 + 8 * length + 4 * abs(diag) * (diag + 1)) ** 0.5) / 2
    n = round(size)
    if n - size > eps_of(vec):
        raise ValueError(
            f"The size of last dimension is {length} which cannot be expressed as the lower triangular part of a "
            "square D x D matrix."
        )
    matrix = zeros((*vec.shape[:-1], n, n), dtype=vec.dtype, device=vec.device)
    matrix[..., _below(n, diag, vec)] = vec
    return matrix
