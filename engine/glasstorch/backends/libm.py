"""Logarithms, sines and the like of float64 arrays from the C library, one number at a time.

NumPy has kernels of its own for processors with AVX-512, and they differ from the C library in the last bit. PyTorch
draws float64 random numbers with the C library's functions; so must whoever wants the same bits on every processor.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np


def _each(fn: Callable[[float], float], edge: Callable[[float], float] | None = None) -> Callable:
    """``fn`` for every element; ``edge`` answers where Python raises what C returns as infinity."""

    def guarded(v: float) -> float:
        try:
            return fn(v)
        except (OverflowError, ValueError):
            assert edge is not None
            return edge(v)

    def apply(x: np.ndarray) -> np.ndarray:
        values = x.ravel().tolist()
        try:
            out = np.fromiter(map(fn, values), np.float64, x.size)
        except (OverflowError, ValueError):
            out = np.fromiter(map(guarded, values), np.float64, x.size)
        return out.reshape(x.shape)

    apply.__doc__ = f"The C library's ``{fn.__name__}`` of every element."
    return apply


log = _each(math.log, lambda v: -math.inf if v == 0 else math.nan)
log1p = _each(math.log1p, lambda v: -math.inf if v == -1 else math.nan)
exp = _each(math.exp, lambda v: math.inf)
sin, cos, tan = _each(math.sin), _each(math.cos), _each(math.tan)
ceil = np.ceil
