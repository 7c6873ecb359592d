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
from .core.outputs import store, with_out
from .core.tensor import Tensor
from .ops.create import finish
from .ops.fourier import _scale, fft_c2c, fft_c2r, fft_r2c


def _checked(name: str, input: Any, real: bool = False) -> Tensor:
    """The input in a floating type; TypeError or RuntimeError for what a transform does not take."""
    if not isinstance(input, Tensor):
        raise TypeError(
            f"fft_{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}"
        )
    if real and input.is_complex():
        raise RuntimeError(f"{name} expects a real input tensor, but got {input.dtype.legacy}")
    if input.dtype in (dt.float16, dt.bfloat16):
        raise RuntimeError(f"Unsupported dtype {input.dtype.legacy}")
    return input if input.dtype.category >= dt.FLOATING else input.to(dt.get_default_dtype())


def _complex(x: Tensor) -> Tensor:
    return x if x.is_complex() else x.to(x.dtype.to_complex())


def _length(name: str, x: Tensor, n: Any, dim: Any, half: bool = False) -> tuple[int, int]:
    """The dimension, counted from the front, and the length of the signal along it."""
    for which, v in (("n", n), ("dim", dim)):
        if not isinstance(v, int) and not (which == "n" and v is None):
            place = "n' (position 2)" if which == "n" else "dim'"
            raise TypeError(f"fft_{name}(): argument '{place} must be int, not {type(v).__name__}")
    if not x._a.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    d = wrap_dim(dim, x._a.ndim)
    if n is None:
        n = x._a.shape[d]
        n = 2 * (n - 1) if half else n
    if n < 1:
        raise RuntimeError(f"Invalid number of data points ({n}) specified")
    return d, n


def _resize(x: Tensor, n: int, d: int) -> Tensor:
    """Cut off, or filled up with zeros, to ``n`` along one dimension."""
    have = x._a.shape[d]
    if n == have:
        return x
    if n < have:
        return x.narrow(d, 0, n)
    zeros = x.new_zeros((*x._a.shape[:d], n - have, *x._a.shape[d + 1 :]))
    return FUNCTIONS["cat"]([x, zeros], d)


def _mode(norm: str | None) -> str | None:
    if norm not in (None, "forward", "backward", "ortho"):
        raise RuntimeError(f'Invalid normalization mode: "{norm}"')
    return norm


def _c2c(name: str, input: Tensor, n: int | None, dim: int, norm: str | None) -> Tensor:
    x = _complex(_checked(name, input))
    d, length = _length(name, x, n, dim)
    inverse = name == "ifft"
    return fft_c2c(_resize(x, length, d), d, inverse, _scale(_mode(norm), length, inverse))


def _r2c(name: str, input: Tensor, n: int | None, dim: int, norm: str | None) -> Tensor:
    x = _checked(name, input, real=True)
    d, length = _length(name, x, n, dim)
    out = fft_r2c(_resize(x, length, d), d, _scale(_mode(norm), length, name == "ihfft"))
    return out.conj() if name == "ihfft" else out


def _c2r(name: str, input: Tensor, n: int | None, dim: int, norm: str | None) -> Tensor:
    x = _complex(_checked(name, input))
    d, length = _length(name, x, n, dim, half=True)
    x = _resize(x, length // 2 + 1, d)
    x = x if name == "irfft" else x.conj()
    return fft_c2r(x, d, length, _scale(_mode(norm), length, name == "irfft"))


@with_out("fft_fft")
def fft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """fft.fft(input, n=None, dim=-1, norm=None) -> Tensor: the transform along ``dim``."""
    return _c2c("fft", input, n, dim, norm)


@with_out("fft_ifft")
def ifft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """fft.ifft(input, n=None, dim=-1, norm=None) -> Tensor: the inverse transform along ``dim``."""
    return _c2c("ifft", input, n, dim, norm)


@with_out("fft_rfft")
def rfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """fft.rfft(input, n=None, dim=-1, norm=None) -> Tensor: half of the spectrum of real numbers."""
    return _r2c("rfft", input, n, dim, norm)


@with_out("fft_irfft", exact=False)
def irfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """fft.irfft(input, n=None, dim=-1, norm=None) -> Tensor: real numbers from half of their spectrum."""
    return _c2r("irfft", input, n, dim, norm)


@with_out("fft_hfft", exact=False)
def hfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """fft.hfft(input, n=None, dim=-1, norm=None) -> Tensor: the real spectrum of half of a Hermitian signal."""
    return _c2r("hfft", input, n, dim, norm)


@with_out("fft_ihfft")
def ihfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """fft.ihfft(input, n=None, dim=-1, norm=None) -> Tensor: the inverse of ``hfft``."""
    return _r2c("ihfft", input, n, dim, norm)


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


_REAL = {  # what transforms that want real numbers say to complex ones
    "rfft": "rfftn expects a real-valued input tensor, but got",
    "ihfft": "Only supports floating-point dtypes, but found:",
}


def _many(name: str, input: Tensor, s: Any, dim: Any, norm: str | None) -> Tensor:
    """One-dimensional transforms one after the other; a real end of the spectrum is the last dimension's."""
    if name in _REAL and isinstance(input, Tensor) and input.is_complex():
        raise RuntimeError(f"{_REAL[name]} {input.dtype.legacy}")
    x = _checked(name, input)
    each, first, last = _EACH[name]
    sizes, dims = _axes(x, s, dim)
    if not dims and (first or last):
        raise RuntimeError(f"{name}n must transform at least one axis")
    if first:
        x = first(x, sizes[-1], dims[-1], norm)
    for k in range(len(dims) - (1 if first or last else 0)):
        x = each(x, sizes[k], dims[k], norm)
    if last:
        return last(x, sizes[-1], dims[-1], norm)
    return x if dims else _complex(x)


_EACH = {  # what each transform over several dimensions does to the others, and to the last one, before or after
    "fft": (fft, None, None), "ifft": (ifft, None, None), "rfft": (fft, rfft, None), "irfft": (ifft, None, irfft),
    "hfft": (fft, None, hfft), "ihfft": (ifft, ihfft, None),
}  # fmt: skip


def _several(name: str) -> None:
    def over_many(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
        return _many(name, input, s, dim, norm)

    def over_two(input: Tensor, s: Any = None, dim: Any = (-2, -1), norm: str | None = None) -> Tensor:
        if dim is None:
            raise TypeError(f"fft_{name}2(): argument 'dim' (position 3) must be tuple of ints, not NoneType")
        return _many(name, input, s, dim, norm)

    for end, fn, words in (("n", over_many, "several dimensions"), ("2", over_two, "two dimensions")):
        fn.__name__ = fn.__qualname__ = name + end
        fn.__doc__ = f"fft.{name}{end}(input, s=None, dim=..., norm=None) -> Tensor: ``{name}`` over {words}."
        globals()[name + end] = with_out(f"fft_{name}{end}", exact=name not in ("irfft", "hfft"))(fn)


for _name in _EACH:
    _several(_name)


def fftshift(input: Tensor, dim: Any = None) -> Tensor:
    """fft.fftshift(input, dim=None) -> Tensor: frequency 0 in the middle."""
    return _shift(input, dim, lambda n: n // 2)


def ifftshift(input: Tensor, dim: Any = None) -> Tensor:
    """fft.ifftshift(input, dim=None) -> Tensor: the inverse of ``fftshift``."""
    return _shift(input, dim, lambda n: (n + 1) // 2)


def _shift(x: Tensor, dim: Any, by: Any) -> Tensor:
    n = x._a.ndim
    dims = (
        list(range(n)) if dim is None else [wrap_dim(d, n) for d in ([dim] if isinstance(dim, int) else dim)]
    )
    return x.roll([by(x._a.shape[d]) for d in dims], dims)


def _frequencies(
    name: str, n: int, d: float, top: int, dtype: Any, device: Any, requires_grad: bool, out: Any
) -> Tensor:
    """``top`` numbers 0, 1, ... and, for the whole spectrum, the negative ones after them, over ``n d``."""
    if not isinstance(n, int):
        raise TypeError(f"fft_{name}(): argument 'n' (position 1) must be int, not {type(n).__name__}")
    if n < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {n}: [{n}]")
    kind = (out.dtype if out is not None else None) or dtype or dt.get_default_dtype()
    if kind.category < dt.FLOATING:
        raise RuntimeError(f"{name} requires a floating point or complex dtype")
    if kind.is_complex:
        raise NotImplementedError(f"\"arange_cpu\" not implemented for '{kind.legacy}'")
    k = np.arange(top, dtype=np.float64)
    if name == "fftfreq":
        k = np.concatenate([k, np.arange(top - n, 0)])
    with np.errstate(all="ignore"):
        values = (k / np.float64(n * d)).astype(dt.numpy_dtype(kind))
    result = finish(values, device, requires_grad)
    return result if out is None else store(f"fft_{name}", result, out)


def fftfreq(
    n: int, d: float = 1.0, *, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """fft.fftfreq(n, d=1.0) -> Tensor: the frequencies that ``fft`` gives, in its order."""
    return _frequencies("fftfreq", n, d, (n + 1) // 2, dtype, device, requires_grad, out)


def rfftfreq(
    n: int, d: float = 1.0, *, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """fft.rfftfreq(n, d=1.0) -> Tensor: the frequencies that ``rfft`` gives."""
    return _frequencies("rfftfreq", n, d, n // 2 + 1, dtype, device, requires_grad, out)
