"""Fourier transforms: ``glasstorch.fft``, PyTorch's ``torch.fft``.

``n`` (or ``s``) cuts off or fills up with zeros first; ``norm`` is "backward" (1/n on the inverse), "forward"
or "ortho".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .core import dtype as dt
from .core.dims import wrap_dim
from .core.forms import FUNCTIONS
from .core.tensor import Tensor
from .ops.create import finish
from .ops.fourier import _scale, fft_c2c, fft_c2r, fft_r2c


def _floating(x: Tensor) -> Tensor:
    return x if x.dtype.category >= dt.FLOATING else x.to(dt.get_default_dtype())


def _complex(x: Tensor) -> Tensor:
    x = _floating(x)
    if x.is_complex():
        return x
    return x.to(dt.complex128 if x.dtype is dt.float64 else dt.complex64)


def _resize(x: Tensor, n: int | None, d: int) -> Tensor:
    """Cut off, or filled up with zeros, to ``n`` along one dimension."""
    have = x._a.shape[d]
    if n is None or n == have:
        return x
    if n < 1:
        raise RuntimeError(f"Invalid number of data points ({n}) specified")
    if n < have:
        return x.narrow(d, 0, n)
    zeros = x.new_zeros((*x._a.shape[:d], n - have, *x._a.shape[d + 1 :]))
    return FUNCTIONS["cat"]([x, zeros], d)


def _checked(x: Tensor, n: int | None, dim: int) -> int:
    d = wrap_dim(dim, x._a.ndim)
    if not x._a.ndim or (n is None and x._a.shape[d] < 1) or (n is not None and n < 1):
        raise RuntimeError(f"Invalid number of data points ({0 if n is None else n}) specified")
    return d


def _mode(norm: str | None) -> str | None:
    if norm not in (None, "forward", "backward", "ortho"):
        raise RuntimeError(f'Invalid normalization mode: "{norm}"')
    return norm


def _c2c(x: Tensor, n: int | None, dim: int, norm: str | None, inverse: bool) -> Tensor:
    d = _checked(x, n, dim)
    x = _resize(_complex(x), n, d)
    return fft_c2c(x, d, inverse, _scale(_mode(norm), x._a.shape[d], inverse))


def fft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """fft.fft(input, n=None, dim=-1, norm=None) -> Tensor: the transform along ``dim``."""
    return _c2c(input, n, dim, norm, False)


def ifft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """fft.ifft(input, n=None, dim=-1, norm=None) -> Tensor: the inverse transform along ``dim``."""
    return _c2c(input, n, dim, norm, True)


def rfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """fft.rfft(input, n=None, dim=-1, norm=None) -> Tensor: half of the spectrum of real numbers."""
    if input.is_complex():
        raise RuntimeError(f"rfft expects a real input tensor, but got {input.dtype.legacy}")
    d = _checked(input, n, dim)
    x = _resize(_floating(input), n, d)
    return fft_r2c(x, d, _scale(_mode(norm), x._a.shape[d], False))


def _c2r(input: Tensor, n: int | None, dim: int, norm: str | None, inverse: bool) -> Tensor:
    d = _checked(input, n, dim)
    length = 2 * (input._a.shape[d] - 1) if n is None else n
    if length < 1:
        raise RuntimeError(f"Invalid number of data points ({length}) specified")
    x = _resize(_complex(input), length // 2 + 1, d)
    x = x if inverse else x.conj()
    return fft_c2r(x, d, length, _scale(_mode(norm), length, inverse))


def irfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """fft.irfft(input, n=None, dim=-1, norm=None) -> Tensor: real numbers from half of their spectrum."""
    return _c2r(input, n, dim, norm, True)


def hfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """fft.hfft(input, n=None, dim=-1, norm=None) -> Tensor: the real spectrum of half of a Hermitian signal."""
    return _c2r(input, n, dim, norm, False)


def ihfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """fft.ihfft(input, n=None, dim=-1, norm=None) -> Tensor: the inverse of ``hfft``."""
    d = _checked(input, n, dim)
    x = _resize(_floating(input), n, d)
    return fft_r2c(x, d, _scale(_mode(norm), x._a.shape[d], True)).conj()


def _axes(x: Tensor, s: Any, dim: Any) -> tuple[list, list[int]]:
    n = x._a.ndim
    s = [s] if isinstance(s, int) else s
    if dim is None:
        dims = list(range(n)) if s is None else list(range(n - len(s), n))
        if s is not None and len(s) > n:
            raise RuntimeError(f"Got shape with {len(s)} values but input tensor only has {n} dimensions.")
    else:
        dims = [wrap_dim(d, n) for d in ([dim] if isinstance(dim, int) else dim)]
        if len(set(dims)) != len(dims):
            raise RuntimeError("FFT dims must be unique")
    if s is not None and len(s) != len(dims):
        raise RuntimeError("When given, dim and shape arguments must have the same length")
    return [None if s is None or s[k] == -1 else s[k] for k in range(len(dims))], dims


def _many(
    x: Tensor, s: Any, dim: Any, norm: str | None, each: Any, first: Any = None, last: Any = None
) -> Tensor:
    """One-dimensional transforms one after the other; ``first`` and ``last`` take the last dimension."""
    sizes, dims = _axes(x, s, dim)
    if not dims and (first or last):
        raise RuntimeError("fft must transform at least one axis")
    inner = range(len(dims) - (1 if first or last else 0))
    if first:
        x = first(x, sizes[-1], dims[-1], norm)
    for k in inner:
        x = each(x, sizes[k], dims[k], norm)
    if last:
        return last(x, sizes[-1], dims[-1], norm)
    return x if dims else _complex(x)


_EACH = {  # what each transform over several dimensions does to the others, and to the last one, before or after
    "fft": (fft, None, None), "ifft": (ifft, None, None), "rfft": (fft, rfft, None), "irfft": (ifft, None, irfft),
    "hfft": (fft, None, hfft), "ihfft": (ifft, ihfft, None),
}  # fmt: skip


def _several(name: str) -> None:
    parts = _EACH[name]

    def over_many(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
        return _many(input, s, dim, norm, *parts)

    def over_two(input: Tensor, s: Any = None, dim: Any = (-2, -1), norm: str | None = None) -> Tensor:
        return _many(input, s, dim, norm, *parts)

    for end, fn, words in (("n", over_many, "several dimensions"), ("2", over_two, "two dimensions")):
        fn.__name__ = fn.__qualname__ = name + end
        fn.__doc__ = f"fft.{name}{end}(input, s=None, dim=..., norm=None) -> Tensor: ``{name}`` over {words}."
        globals()[name + end] = fn


for _name in _EACH:
    _several(_name)


def fftshift(input: Tensor, dim: Any = None) -> Tensor:
    """fft.fftshift(input, dim=None) -> Tensor: frequency 0 in the middle."""
    return _shift(input, dim, lambda n: n // 2)


def ifftshift(input: Tensor, dim: Any = None) -> Tensor:
    """fft.ifftshift(input, dim=None) -> Tensor: the inverse of ``fftshift``."""
    return _shift(input, dim, lambda n: (n + 1) // 2)


def _shift(x: Tensor, dim: Any, by: Any) -> Tensor:
    dims = list(range(x._a.ndim)) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    return x.roll([by(x._a.shape[d]) for d in dims], dims) if dims else x.clone()


def _frequencies(n: int, d: float, make: Any, dtype: Any, device: Any, requires_grad: bool) -> Tensor:
    return finish(make(n, d).astype(dt.numpy_dtype(dtype or dt.get_default_dtype())), device, requires_grad)


def fftfreq(
    n: int, d: float = 1.0, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """fft.fftfreq(n, d=1.0) -> Tensor: the frequencies that ``fft`` gives, in its order."""
    return _frequencies(n, d, np.fft.fftfreq, dtype, device, requires_grad)


def rfftfreq(
    n: int, d: float = 1.0, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """fft.rfftfreq(n, d=1.0) -> Tensor: the frequencies that ``rfft`` gives."""
    return _frequencies(n, d, np.fft.rfftfreq, dtype, device, requires_grad)
