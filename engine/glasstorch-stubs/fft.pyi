"""Fourier transforms.

Written by ``python -m glasstorch.stubs``; do not edit.
"""

from builtins import bool as _bool, complex as _complex, float as _float, int as _int, object as _object, str as _str
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from glasstorch.core.device import device as _device
from glasstorch.core.dtype import dtype as _dtype
from glasstorch.core.size import Size as _Size
from glasstorch.core.tensor import Tensor

def fft(input: Tensor, n: _int | None = None, dim: _int = -1, norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.fft(input, n=None, dim=-1, norm=None) -> Tensor: the transform along ``dim``."""
def fft2(input: Tensor, s: Any = None, dim: Any = (-2, -1), norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.fft2(input, s=None, dim=..., norm=None) -> Tensor: ``fft`` over two dimensions."""
def fft_c2c(input: Tensor, dim: Any, inverse: Any, scale: Any, *, out: Tensor | None = None) -> Tensor:
    """The complex transform, times a number; ``inverse`` turns the sign of the exponent."""
def fft_c2r(input: Tensor, dim: Any, n: Any, scale: Any, *, out: Tensor | None = None) -> Tensor:
    """Real numbers from the first half of their spectrum, times a number."""
def fft_r2c(input: Tensor, dim: Any, scale: Any, *, out: Tensor | None = None) -> Tensor:
    """The first half of the transform of real numbers, times a number."""
def fftfreq(n: _int, d: _float = 1.0, *, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: _bool = False) -> Tensor:
    """fft.fftfreq(n, d=1.0) -> Tensor: the frequencies that ``fft`` gives, in its order."""
def fftn(input: Tensor, s: Any = None, dim: Any = None, norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.fftn(input, s=None, dim=..., norm=None) -> Tensor: ``fft`` over several dimensions."""
def fftshift(input: Tensor, dim: Any = None) -> Tensor:
    """fft.fftshift(input, dim=None) -> Tensor: frequency 0 in the middle."""
def finish(array: Any, device: Any, requires_grad: _bool, name: _str = '', pin_memory: _bool = False) -> Tensor:
    """Put a fresh array on its device (``pin_memory``: in page-locked host memory) and wrap it."""
def hfft(input: Tensor, n: _int | None = None, dim: _int = -1, norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.hfft(input, n=None, dim=-1, norm=None) -> Tensor: the real spectrum of half of a Hermitian signal."""
def hfft2(input: Tensor, s: Any = None, dim: Any = (-2, -1), norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.hfft2(input, s=None, dim=..., norm=None) -> Tensor: ``hfft`` over two dimensions."""
def hfftn(input: Tensor, s: Any = None, dim: Any = None, norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.hfftn(input, s=None, dim=..., norm=None) -> Tensor: ``hfft`` over several dimensions."""
def ifft(input: Tensor, n: _int | None = None, dim: _int = -1, norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.ifft(input, n=None, dim=-1, norm=None) -> Tensor: the inverse transform along ``dim``."""
def ifft2(input: Tensor, s: Any = None, dim: Any = (-2, -1), norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.ifft2(input, s=None, dim=..., norm=None) -> Tensor: ``ifft`` over two dimensions."""
def ifftn(input: Tensor, s: Any = None, dim: Any = None, norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.ifftn(input, s=None, dim=..., norm=None) -> Tensor: ``ifft`` over several dimensions."""
def ifftshift(input: Tensor, dim: Any = None) -> Tensor:
    """fft.ifftshift(input, dim=None) -> Tensor: the inverse of ``fftshift``."""
def ihfft(input: Tensor, n: _int | None = None, dim: _int = -1, norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.ihfft(input, n=None, dim=-1, norm=None) -> Tensor: the inverse of ``hfft``."""
def ihfft2(input: Tensor, s: Any = None, dim: Any = (-2, -1), norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.ihfft2(input, s=None, dim=..., norm=None) -> Tensor: ``ihfft`` over two dimensions."""
def ihfftn(input: Tensor, s: Any = None, dim: Any = None, norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.ihfftn(input, s=None, dim=..., norm=None) -> Tensor: ``ihfft`` over several dimensions."""
def irfft(input: Tensor, n: _int | None = None, dim: _int = -1, norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.irfft(input, n=None, dim=-1, norm=None) -> Tensor: real numbers from half of their spectrum."""
def irfft2(input: Tensor, s: Any = None, dim: Any = (-2, -1), norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.irfft2(input, s=None, dim=..., norm=None) -> Tensor: ``irfft`` over two dimensions."""
def irfftn(input: Tensor, s: Any = None, dim: Any = None, norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.irfftn(input, s=None, dim=..., norm=None) -> Tensor: ``irfft`` over several dimensions."""
def rfft(input: Tensor, n: _int | None = None, dim: _int = -1, norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.rfft(input, n=None, dim=-1, norm=None) -> Tensor: half of the spectrum of real numbers."""
def rfft2(input: Tensor, s: Any = None, dim: Any = (-2, -1), norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.rfft2(input, s=None, dim=..., norm=None) -> Tensor: ``rfft`` over two dimensions."""
def rfftfreq(n: _int, d: _float = 1.0, *, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: _bool = False) -> Tensor:
    """fft.rfftfreq(n, d=1.0) -> Tensor: the frequencies that ``rfft`` gives."""
def rfftn(input: Tensor, s: Any = None, dim: Any = None, norm: _str | None = None, *, out: Any = None) -> Tensor:
    """fft.rfftn(input, s=None, dim=..., norm=None) -> Tensor: ``rfft`` over several dimensions."""
def store(name: _str, result: Any, out: Any, exact: _bool = False, inputs: Any = ()) -> Any:
    """Write ``result`` (a tensor, or a tuple of them) into ``out``, which gets its shape, and return ``out``."""
def with_out(name: _str = '', *, exact: _bool = True) -> Callable:
    """Decorator: give a function that returns a tensor, or a named tuple of them, the keyword ``out``."""
def wrap_dim(dim: Any, ndim: _int) -> _int:
    """A dimension counted from the front; IndexError when out of range. 0-d tensors accept 0 and -1."""
