"""The window functions of the main namespace (``hann_window`` and its like); ``signal.windows`` has more.

``periodic=True`` gives a window for spectra: one that is longer by one, without its last number. The steps are computed
one by one in the result's type, as PyTorch does. Source: https://pytorch.org/docs/stable/torch.html#spectral-ops
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import backends
from ..backends import bessel
from ..core import dtype as dt
from ..core.device import device as Device
from ..core.forms import public
from ..core.tensor import Tensor
from .create import finish
from .kinds import not_implemented


def _window(name: str, formula: Callable, length: Any, periodic: bool, dtype: Any, layout: Any, device: Any,
            requires_grad: bool, pin_memory: bool) -> Tensor:  # fmt: skip
    """``formula(xp, n, N)`` at n = 0, 1, ..., where the window's last step is N - 1."""
    if not hasattr(length, "__index__") or isinstance(length, bool):
        raise TypeError(
            f"{name}(): argument 'window_length' (position 1) must be int, not {type(length).__name__}"
        )
    length = length.__index__()
    kind = dtype or dt.get_default_dtype()
    if layout is not None and str(layout) != "torch.strided":
        raise RuntimeError(f"{name} is not implemented for sparse types, got: {layout}")
    if kind.category < dt.FLOATING:
        raise RuntimeError(f"{name} expects floating point dtypes, got: {kind!r}")
    if length < 0:
        raise RuntimeError(f"{name} requires non-negative window_length, got window_length={length}")
    if kind.is_complex:
        not_implemented("arange_cpu", kind)
    xp = backends.require(Device(device).type if device is not None else "cpu")
    np_dtype = dt.numpy_dtype(kind)
    if length <= 1:
        return finish(xp.ones(length, np_dtype), device, requires_grad, name, pin_memory)
    points = length + 1 if periodic else length
    values = formula(xp, xp.arange(points).astype(np_dtype), points)
    return finish(values[:length].astype(np_dtype), device, requires_grad, name, pin_memory)


@public
def bartlett_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, layout: Any = None, device: Any = None,
    pin_memory: bool = False, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """bartlett_window(window_length, periodic=True, *, dtype=None, device=None, requires_grad=False) -> Tensor

    A triangle that is 0 at its ends.
    """

    def triangle(xp: Any, n: Any, points: int) -> Any:
        rising = n * n.dtype.type(2 / (points - 1))
        return xp.where(xp.arange(points) <= (points - 1) // 2, rising, 2 - rising)

    return _window(
        "bartlett_window", triangle, window_length, periodic, dtype, layout, device, requires_grad, pin_memory
    )


@public
def blackman_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, layout: Any = None, device: Any = None,
    pin_memory: bool = False, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """blackman_window(window_length, periodic=True, *, dtype=None, device=None, requires_grad=False) -> Tensor

    ``0.42 - 0.5 cos(2 pi n / (N - 1)) + 0.08 cos(4 pi n / (N - 1))``.
    """

    def cosines(xp: Any, n: Any, points: int) -> Any:
        number = n.dtype.type
        half = n * number(math.pi / (points - 1))
        return xp.cos(half * number(4)) * number(0.08) - xp.cos(half * number(2)) * number(0.5) + number(0.42)

    return _window(
        "blackman_window", cosines, window_length, periodic, dtype, layout, device, requires_grad, pin_memory
    )


def _raised_cosine(alpha: float, beta: float) -> Callable:
    def formula(xp: Any, n: Any, points: int) -> Any:
        number = n.dtype.type
        return xp.cos(n * number(2 * math.pi / (points - 1))) * number(-beta) + number(alpha)

    return formula


@public
def hann_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, layout: Any = None, device: Any = None,
    pin_memory: bool = False, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """hann_window(window_length, periodic=True, *, dtype=None, device=None, requires_grad=False) -> Tensor

    ``0.5 - 0.5 cos(2 pi n / (N - 1))``.
    """
    wave = _raised_cosine(0.5, 0.5)
    return _window(
        "hann_window", wave, window_length, periodic, dtype, layout, device, requires_grad, pin_memory
    )


@public
def hamming_window(
    window_length: int, periodic: bool = True, alpha: float = 0.54, beta: float = 0.46, *, dtype: Any = None,
    layout: Any = None, device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """hamming_window(window_length, periodic=True, alpha=0.54, beta=0.46, *, dtype=None, ...) -> Tensor

    ``alpha - beta cos(2 pi n / (N - 1))``.
    """
    wave = _raised_cosine(alpha, beta)
    return _window(
        "hamming_window", wave, window_length, periodic, dtype, layout, device, requires_grad, pin_memory
    )


@public
def kaiser_window(
    window_length: int, periodic: bool = True, beta: float = 12.0, *, dtype: Any = None, layout: Any = None,
    device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """kaiser_window(window_length, periodic=True, beta=12.0, *, dtype=None, ...) -> Tensor

    ``i0(beta sqrt(1 - x^2)) / i0(beta)`` with x from -1 to 1.
    """

    def arch(xp: Any, n: Any, points: int) -> Any:
        x = n.astype(xp.float64) * (2 / (points - 1)) - 1
        return bessel.i0(xp, beta * xp.sqrt(xp.maximum(1 - x * x, 0))) / bessel.i0(
            xp, xp.asarray(float(beta))
        )

    return _window(
        "kaiser_window", arch, window_length, periodic, dtype, layout, device, requires_grad, pin_memory
    )
