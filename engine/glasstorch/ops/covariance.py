"""Covariance and correlation of variables (rows) over observations (columns)."""

from __future__ import annotations

from typing import Any

from ..core import dtype as dt
from ..core.forms import method
from ..core.frames import warn
from ..core.tensor import Tensor
from .complex import complex as complex_of


def _check_weights(name: str, weights: Tensor, observations: int, category: int, words: str) -> None:
    if weights._a.ndim > 1:
        raise RuntimeError(
            f"cov(): expected {name} to have one or fewer dimensions but got {name} with {weights._a.ndim} dimensions"
        )
    if weights.dtype.category != category:
        raise RuntimeError(
            f"cov(): expected {name} to have {words} dtype but got {name} with {weights.dtype.legacy} dtype"
        )
    if weights._a.size != observations:
        raise RuntimeError(
            f"cov(): expected {name} to have the same numel as there are observations in the input but got "
            f"{weights._a.size} != {observations}"
        )
    if weights._a.size and bool((weights._a < 0).any()):
        raise RuntimeError(f"cov(): {name} cannot be negative")


@method
def cov(input: Tensor, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Tensor:
    """cov(input, *, correction=1, fweights=None, aweights=None) -> Tensor

    The covariance matrix of the rows. ``fweights``: how often each observation counts (integers); ``aweights``: how
    much each counts (floats); ``correction``: what is taken off their number before dividing.
    """
    if input._a.ndim > 2:
        raise RuntimeError(
            f"cov(): expected input to have two or fewer dimensions but got an input with {input._a.ndim} dimensions"
        )
    if input.dtype is dt.bool_:
        raise RuntimeError("cov(): bool dtype is not supported for input")
    x = input if input._a.ndim == 2 else input.reshape(1, -1)
    n = x._a.shape[1]
    weights = None
    if fweights is not None:
        _check_weights("fweights", fweights, n, dt.INTEGRAL, "integral")
        weights = fweights
    if aweights is not None:
        _check_weights("aweights", aweights, n, dt.FLOATING, "floating point")
        weights = aweights if weights is None else weights * aweights
    total: Any = n if weights is None else weights.sum()
    if weights is not None and n and float(total.detach()) == 0:
        raise RuntimeError("cov(): weights sum to zero, can't be normalized")
    mean = (x if weights is None else x * weights).sum(1) / total
    if aweights is not None and correction:
        freedom = total - correction * (weights * aweights).sum() / total
    else:
        freedom = total - correction
    if (float(freedom.detach()) if isinstance(freedom, Tensor) else freedom) <= 0:
        warn(
            "cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of observations.",
        )
        freedom = freedom * 0
    centred = x - mean.unsqueeze(1)
    product = centred @ (centred if weights is None else centred * weights).t().conj()
    scale = (
        freedom
        if isinstance(freedom, Tensor)
        else product.new_full((), freedom, dtype=product.dtype.to_real())
    )
    return (product / scale).squeeze()


@method
def corrcoef(input: Tensor) -> Tensor:
    """corrcoef(input) -> Tensor

    The correlation matrix of the rows: their covariances divided by both standard deviations, between -1 and 1.
    """
    if input._a.ndim > 2:
        raise RuntimeError(
            "corrcoef(): expected input to have two or fewer dimensions but got an input with "
            f"{input._a.ndim} dimensions"
        )
    c = cov(input)
    if not c._a.ndim:
        return c / c
    deviation = (c.diagonal().real if c.is_complex() else c.diagonal()).sqrt()
    c = c / deviation.unsqueeze(1) / deviation.unsqueeze(0)
    return complex_of(c.real.clamp(-1, 1), c.imag.clamp(-1, 1)) if c.is_complex() else c.clamp(-1, 1)
