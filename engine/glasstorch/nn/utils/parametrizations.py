"""Ready-made parametrizations: orthogonal matrices, weight normalization, spectral normalization."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ... import linalg
from ...core import dtype as dt
from ...core.forms import FUNCTIONS
from ...core.mode import no_grad
from ...core.tensor import Tensor
from ...ops import create
from ...ops.join import cat
from ...ops.weightnorm import _weight_norm, norm_except_dim
from .. import functional as F
from ..modules.module import Module
from . import parametrize
from .spectral_norm import default_dim, rows_first

M = TypeVar("M", bound=Module)


def _eye_like(x: Any) -> Any:
    return create.eye(x._a.shape[-1], dtype=x.dtype, device=x.device)


def _is_orthogonal(q: Any) -> bool:
    tolerance = 10.0 * q._a.shape[-2] * dt.finfo(q.dtype).eps
    return FUNCTIONS["allclose"](q.mH @ q, _eye_like(q), atol=tolerance)


def _make_orthogonal(a: Any) -> Any:
    """The orthogonal factor of ``a`` whose triangular factor has a positive diagonal."""
    x, tau = FUNCTIONS["geqrf"](a)
    q: Any = linalg.householder_product(x, tau)
    return q * x.diagonal(dim1=-2, dim2=-1).sgn().unsqueeze(-2)


def _matrix_exp(a: Any) -> Any:
    return linalg.matrix_exp(a)


def _cayley(a: Any) -> Any:
    """``(1 - a/2)^-1 (1 + a/2)``."""
    one = _eye_like(a)
    return linalg.solve(one - 0.5 * a, one + 0.5 * a)


#: Maps from skew-symmetric to orthogonal matrices.
_MAPS: dict[str, Callable] = {"matrix_exp": _matrix_exp, "cayley": _cayley}


class _Orthogonal(Module):
    """Any matrix to one with orthonormal columns (or rows, whichever are fewer).

    ``use_trivialization``: the map is taken around ``base``, so that the first value can be any orthogonal matrix
    (https://arxiv.org/abs/1909.09501).
    """

    base: Tensor

    def __init__(self, weight: Any, orthogonal_map: str, *, use_trivialization: bool = True) -> None:
        super().__init__()
        if weight.is_complex() and orthogonal_map == "householder":
            raise ValueError("The householder parametrization does not support complex tensors.")
        self.shape = weight.shape
        self.orthogonal_map = orthogonal_map
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, X: Any) -> Any:
        wide = X._a.shape[-2] < X._a.shape[-1]
        q = self._columns(X.mT if wide else X)
        if hasattr(self, "base"):
            q = self.base @ q
        return q.mT if wide else q

    def _columns(self, x: Any) -> Any:
        n, k = x._a.shape[-2:]
        if self.orthogonal_map == "householder":
            a = x.tril(-1)
            tau = 2.0 / (1.0 + (a * a).sum(-2))
            q: Any = linalg.householder_product(a, tau)
            return q * x.diagonal(dim1=-2, dim2=-1).int().unsqueeze(-2)
        x = x.tril()
        if n != k:  # a square matrix of which the first columns count
            x = cat([x, x.new_zeros((*x._a.shape[:-2], n, n - k))], -1)
        q = _MAPS[self.orthogonal_map](x - x.mH)
        return q if n == k else q[..., :k]

    @no_grad()
    def right_inverse(self, Q: Any) -> Any:
        if Q._a.shape != self.shape:
            raise ValueError(
                f"Expected a matrix or batch of matrices of shape {self.shape}. Got a tensor of shape {Q.shape}."
            )
        wide = Q._a.shape[-2] < Q._a.shape[-1]
        q = Q.mT if wide else Q
        n, k = q._a.shape[-2:]
        if not hasattr(self, "base"):
            if self.orthogonal_map != "householder":
                raise NotImplementedError(
                    "It is not possible to assign to the matrix exponential or the Cayley parametrizations when "
                    "use_trivialization=False."
                )
            a, tau = FUNCTIONS["geqrf"](q)
            diagonal = a.diagonal(dim1=-2, dim2=-1)
            diagonal.sign_()  # the signs of the columns
            diagonal[tau == 0.0] *= -1
            return a.mT if wide else a
        if n != k:
            q = cat([q, FUNCTIONS["randn"](*q._a.shape[:-2], n, n - k, dtype=q.dtype, device=q.device)], -1)
            q = _make_orthogonal(q)
        else:
            q = q.clone() if _is_orthogonal(q) else _make_orthogonal(q)
        self.base = q
        # The map takes -1 to the first columns of the identity, up to sign: with it, base @ map(-1) is Q.
        start = Q.new_zeros(Q._a.shape)
        start.diagonal(dim1=-2, dim2=-1).fill_(-1.0)
        return start


def orthogonal(
    module: M, name: str = "weight", orthogonal_map: str | None = None, *, use_trivialization: bool = True
) -> M:
    """Keep a matrix orthogonal (or with orthonormal columns or rows) while it is trained. Gives the module.

    ``orthogonal_map``: "matrix_exp" (the default for square and complex matrices), "cayley" or "householder".
    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.orthogonal.html
    """
    weight: Any = _tensor_of(module, name)
    if weight._a.ndim < 2:
        raise ValueError(
            f"Expected a matrix or batch of matrices. Got a tensor of {weight._a.ndim} dimensions."
        )
    if orthogonal_map is None:
        square = weight._a.shape[-2] == weight._a.shape[-1]
        orthogonal_map = "matrix_exp" if square or weight.is_complex() else "householder"
    if orthogonal_map not in (*_MAPS, "householder"):
        raise ValueError(
            f'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: {orthogonal_map}'
        )
    made = _Orthogonal(weight, orthogonal_map, use_trivialization=use_trivialization)
    return parametrize.register_parametrization(module, name, made, unsafe=True)


def _tensor_of(module: Module, name: str) -> Tensor:
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    return weight


class _WeightNorm(Module):
    """Length and direction to a weight."""

    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g: Tensor, weight_v: Tensor) -> Tensor:
        return _weight_norm(weight_v, weight_g, self.dim)

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        return norm_except_dim(weight, 2, self.dim), weight


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    """Train a weight's length (``original0``) and direction (``original1``) apart. Gives the module.

    ``dim``: the dimension that keeps a length for each index; None: one length for all.
    Source: https://arxiv.org/abs/1602.07868
    """
    parametrize.register_parametrization(module, name, _WeightNorm(dim), unsafe=True)

    def read_old_names(state_dict: dict, prefix: str, *args: Any) -> None:
        old = [f"{prefix}{name}_{part}" for part in "gv"]
        if all(key in state_dict for key in old):  # saved with utils.weight_norm
            for k, key in enumerate(old):
                state_dict[f"{prefix}parametrizations.{name}.original{k}"] = state_dict.pop(key)

    module._register_load_state_dict_pre_hook(read_old_names)
    return module


class _SpectralNorm(Module):
    """A weight divided by its largest singular value, which power iteration estimates."""

    _u: Any
    _v: Any

    def __init__(self, weight: Any, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12) -> None:
        super().__init__()
        ndim = weight._a.ndim
        if not -ndim <= dim < ndim:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [-{ndim}, {ndim - 1}] but got {dim})"
            )
        if n_power_iterations <= 0:
            raise ValueError(
                f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
            )
        self.dim, self.eps = dim % ndim, eps
        if ndim > 1:
            self.n_power_iterations = n_power_iterations
            matrix = rows_first(weight, self.dim)
            u, v = (matrix.new_empty(n).normal_(0, 1) for n in matrix._a.shape)
            self.register_buffer("_u", F.normalize(u, dim=0, eps=eps))
            self.register_buffer("_v", F.normalize(v, dim=0, eps=eps))
            self._power_method(matrix, 15)

    @no_grad()
    def _power_method(self, matrix: Any, n_power_iterations: int) -> None:
        for _ in range(n_power_iterations):
            self._u.copy_(F.normalize(matrix.mv(self._v), dim=0, eps=self.eps))
            self._v.copy_(F.normalize(matrix.mH.mv(self._u), dim=0, eps=self.eps))

    def forward(self, weight: Any) -> Any:
        if weight._a.ndim == 1:  # its only singular value is its length
            return F.normalize(weight, dim=0, eps=self.eps)
        matrix = rows_first(weight, self.dim)
        if self.training:
            self._power_method(matrix, self.n_power_iterations)
        u, v = self._u.clone(), self._v.clone()  # the buffers move on before the backward
        return weight / u.vdot(matrix.mv(v))

    def right_inverse(self, value: Tensor) -> Tensor:
        return value  # of spectral norm 1, or training will make it so


def spectral_norm(
    module: M, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> M:
    """Divide a weight by its largest singular value. Gives the module.

    ``dim``: the dimension of the outputs, 1 for transposed convolutions and 0 for others by default.
    Source: https://arxiv.org/abs/1802.05957
    """
    weight = _tensor_of(module, name)
    made = _SpectralNorm(weight, n_power_iterations, default_dim(module) if dim is None else dim, eps)
    return parametrize.register_parametrization(module, name, made)


__all__ = ["orthogonal", "spectral_norm", "weight_norm"]
