"""Window functions: ``glasstorch.signal.windows``, PyTorch's ``torch.signal.windows``.

Each makes a vector of ``M`` numbers between 0 and 1, highest in the middle. ``sym=True`` gives a symmetric window, for
designing filters; ``sym=False`` a periodic one (a symmetric window of ``M + 1`` without its last number), for spectra.
Types: float32 (or the default floating type) and float64. ValueError for a negative length, other types and
layouts. Source: https://pytorch.org/docs/stable/signal.html; Harris, *On the use of windows for harmonic analysis with
the discrete Fourier transform*, 1978.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from ..core import dtype as dt
from ..core.tensor import Tensor
from ..ops.create import empty, ones, tensor
from ..ops.pointwise import cos, exp, sin, sqrt
from ..ops.ranges import arange, linspace
from ..ops.special import i0


def _options(name: str, M: int, dtype: Any, layout: Any, device: Any, requires_grad: bool) -> dict[str, Any]:
    """The checks that all windows share; what is left is for the function that makes the tensor."""
    kind = dtype or dt.get_default_dtype()
    if M < 0:
        raise ValueError(f"{name} requires non-negative window length, got M={M}")
    if layout is not None and str(layout) != "torch.strided":
        raise ValueError(f"{name} is implemented for strided tensors only, got: {layout}")
    if kind not in (dt.float32, dt.float64):
        raise ValueError(f"{name} expects float32 or float64 dtypes, got: {kind}")
    return {"dtype": kind, "device": device, "requires_grad": requires_grad}


def _intervals(M: int, sym: bool) -> int:
    """How many steps lie between a window's ends: a periodic one goes on for one more."""
    return M - 1 if sym or M == 1 else M


def _steps(start: float, step: float, M: int, options: dict) -> Tensor:
    return linspace(start, start + (M - 1) * step, M, **options)


def exponential(
    M: int, *, center: float | None = None, tau: float = 1.0, sym: bool = True, dtype: Any = None,
    layout: Any = None, device: Any = None, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """exponential(M, *, center=None, tau=1.0, sym=True, dtype=None, ...) -> Tensor

    ``exp(-|n - center| / tau)``. The centre is the window's middle; another can be given for periodic windows only.
    """
    options = _options("exponential", M, dtype, layout, device, requires_grad)
    if tau <= 0:
        raise ValueError(f"Tau must be positive, got: {tau} instead.")
    if sym and center is not None:
        raise ValueError("Center must be None for symmetric windows")
    if M == 0:
        return empty(0, **options)
    middle = _intervals(M, sym) / 2 if center is None else center
    return exp(-_steps(-middle / tau, 1 / tau, M, options).abs())


def cosine(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """cosine(M, *, sym=True, dtype=None, ...) -> Tensor

    One arch of the sine: ``sin(pi (n + 1/2) / M)``.
    """
    options = _options("cosine", M, dtype, layout, device, requires_grad)
    if M == 0:
        return empty(0, **options)
    step = math.pi / (_intervals(M, sym) + 1)
    return sin(_steps(0.5 * step, step, M, options))


def gaussian(
    M: int, *, std: float = 1.0, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """gaussian(M, *, std=1.0, sym=True, dtype=None, ...) -> Tensor

    ``exp(-((n - middle) / std)^2 / 2)``.
    """
    options = _options("gaussian", M, dtype, layout, device, requires_grad)
    if std <= 0:
        raise ValueError(f"Standard deviation must be positive, got: {std} instead.")
    if M == 0:
        return empty(0, **options)
    step = 1 / (std * math.sqrt(2))
    return exp(-(_steps(-_intervals(M, sym) / 2 * step, step, M, options) ** 2))


def kaiser(
    M: int, *, beta: float = 12.0, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """kaiser(M, *, beta=12.0, sym=True, dtype=None, ...) -> Tensor

    ``i0(beta sqrt(1 - x^2)) / i0(beta)`` with x from -1 to 1: nearly the window with most energy in its main lobe.
    """
    options = _options("kaiser", M, dtype, layout, device, requires_grad)
    if beta < 0:
        raise ValueError(f"beta must be non-negative, got: {beta} instead.")
    if M == 0:
        return empty(0, **options)
    if M == 1:
        return ones(1, **options)
    b = tensor(beta, dtype=options["dtype"], device=device)
    # Rounding must not carry the last step past beta, where the root would be nan.
    last = (-b + (M - 1) * (2.0 * b / _intervals(M, sym))).minimum(b)
    k = linspace(-b, last, M, **options)
    return i0(sqrt(b * b - k**2)) / i0(b)


def bartlett(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """bartlett(M, *, sym=True, dtype=None, ...) -> Tensor

    A triangle that is 0 at its ends: ``1 - |2 n / (M - 1) - 1|``.
    """
    options = _options("bartlett", M, dtype, layout, device, requires_grad)
    if M == 0:
        return empty(0, **options)
    if M == 1:
        return ones(1, **options)
    return 1 - _steps(-1, 2 / _intervals(M, sym), M, options).abs()


def general_cosine(
    M: int, *, a: Iterable[float], sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """general_cosine(M, *, a, sym=True, dtype=None, ...) -> Tensor

    A sum of cosines of alternating sign: ``sum_i (-1)^i a_i cos(2 pi i n / (M - 1))``.
    """
    options = _options("general_cosine", M, dtype, layout, device, requires_grad)
    if M == 0:
        return empty(0, **options)
    if M == 1:
        return ones(1, **options)
    if not isinstance(a, Iterable):
        raise TypeError("Coefficients must be a list/tuple")
    if not a:
        raise ValueError("Coefficients cannot be empty")
    k = _steps(0, 2 * math.pi / _intervals(M, sym), M, options)
    weights = tensor([(-1) ** i * w for i, w in enumerate(a)], **options)
    i = arange(weights.shape[0], dtype=weights.dtype, device=device)
    return (weights.unsqueeze(-1) * cos(i.unsqueeze(-1) * k)).sum(0)


def general_hamming(
    M: int, *, alpha: float = 0.54, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """general_hamming(M, *, alpha=0.54, sym=True, dtype=None, ...) -> Tensor

    ``alpha - (1 - alpha) cos(2 pi n / (M - 1))``.
    """
    return general_cosine(M, a=[alpha, 1.0 - alpha], sym=sym, dtype=dtype, layout=layout, device=device,
                          requires_grad=requires_grad)  # fmt: skip


def _sum_of_cosines(name: str, about: str, coefficients: list[float]) -> Callable[..., Tensor]:
    def window(
        M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None,
        requires_grad: bool = False,
    ) -> Tensor:  # fmt: skip
        if name == "blackman":  # the one whose messages bear its own name in PyTorch
            _options(name, M, dtype, layout, device, requires_grad)
        return general_cosine(M, a=coefficients, sym=sym, dtype=dtype, layout=layout, device=device,
                              requires_grad=requires_grad)  # fmt: skip

    window.__name__ = window.__qualname__ = name
    window.__doc__ = f"{name}(M, *, sym=True, dtype=None, ...) -> Tensor\n\n{about}"
    return window


hamming = _sum_of_cosines("hamming", "``general_hamming`` with alpha 0.54.", [0.54, 1.0 - 0.54])
hann = _sum_of_cosines("hann", "A raised cosine: ``general_hamming`` with alpha 0.5.", [0.5, 0.5])
blackman = _sum_of_cosines("blackman", "Three cosines: 0.42, 0.5 and 0.08.", [0.42, 0.5, 0.08])
nuttall = _sum_of_cosines(
    "nuttall",
    "Nuttall's minimum 4-term Blackman-Harris window.",
    [0.3635819, 0.4891775, 0.1365995, 0.0106411],
)

__all__ = [
    "bartlett",
    "blackman",
    "cosine",
    "exponential",
    "gaussian",
    "general_cosine",
    "general_hamming",
    "hamming",
    "hann",
    "kaiser",
    "nuttall",
]
