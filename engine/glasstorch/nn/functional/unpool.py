"""Power-average pooling, and the inverse of max pooling."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ... import backends
from ...core import dtype as dt
from ...core.tensor import Tensor
from ...ops.points import MAX_UNPOOLS
from .pooling import avg_pool1d, avg_pool2d, avg_pool3d, max_pool1d, max_pool2d, max_pool3d


def _each(value: Any, n: int) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * n


def _lp(n: int, input: Tensor, norm_type: float, kernel_size: Any, stride: Any, ceil_mode: bool) -> Tensor:
    largest: Callable = (max_pool1d, max_pool2d, max_pool3d)[n - 1]
    mean: Callable = (avg_pool1d, avg_pool2d, avg_pool3d)[n - 1]
    if norm_type == math.inf:
        return largest(input.abs(), kernel_size, stride, 0, 1, ceil_mode)  # type: ignore[attr-defined]
    if norm_type == -math.inf:
        return -largest(-input.abs(), kernel_size, stride, 0, 1, ceil_mode)  # type: ignore[attr-defined]
    count = kernel_size if n == 1 else math.prod(_each(kernel_size, n))
    out = mean(input.pow(norm_type), kernel_size, stride, 0, ceil_mode)  # type: ignore[attr-defined]
    return (out.sign() * out.abs().relu()).mul(count).pow(1.0 / norm_type)


def lp_pool1d(
    input: Tensor, norm_type: float, kernel_size: int, stride: Any = None, ceil_mode: bool = False
) -> Tensor:
    """``(sum of x^p)^(1/p)`` over every window of (N, C, L) or (C, L); p = inf gives the largest absolute value."""
    return _lp(1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Tensor:
    """``(sum of x^p)^(1/p)`` over every window of (N, C, H, W) or (C, H, W)."""
    return _lp(2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(
    input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Tensor:
    """``(sum of x^p)^(1/p)`` over every window of (N, C, D, H, W) or (C, D, H, W)."""
    return _lp(3, input, norm_type, kernel_size, stride, ceil_mode)


def _unpool_size(
    n: int, input: Tensor, kernel: tuple, stride: tuple, padding: tuple, given: Any
) -> list[int]:
    """The size to fill: what the pooling's geometry says, or ``given``, which may differ by less than a stride."""
    usual = [
        (m - 1) * s + k - 2 * p
        for m, k, s, p in zip(input._a.shape[-n:], kernel, stride, padding, strict=True)
    ]
    out = usual
    if given is not None:
        out = list(given[2:] if len(given) == n + 2 else given)
        if len(out) != n:
            raise ValueError(
                f"output_size should be a sequence containing {n} or {n + 2} elements, but it has a length of "
                f"'{len(out)}'"
            )
        for d, (m, u, s) in enumerate(zip(out, usual, stride, strict=True)):
            if not u - s < m < u + s:
                shown = given[2:] if len(given) == n + 2 else given
                raise ValueError(
                    f'invalid output_size "{shown}" (dim {d} must be between {u - s} and {u + s})'
                )
    for d, m in enumerate(out):
        if m < 0:
            raise ValueError(
                "max_unpooling: output_size must contain non-negative spatial dimensions, but got "
                f"output_size[{d}]={m}"
            )
    return out


def _unpool(n: int, input: Tensor, indices: Tensor, kernel_size: Any, stride: Any, padding: Any,
            output_size: Any) -> Tensor:  # fmt: skip
    kernel = _each(kernel_size, n)
    strides = kernel if stride is None else _each(stride, n)
    size = _unpool_size(n, input, kernel, strides, _each(padding, n), output_size)
    if n == 1:  # as an image one element wide
        wide = _run(2, input.unsqueeze(-1), indices.unsqueeze(-1), [*size, 1], (1,))  # type: ignore[attr-defined]
        return wide.squeeze(-1)  # type: ignore[attr-defined]
    return _run(n, input, indices, size, strides)


def _run(n: int, input: Tensor, indices: Tensor, size: list[int], stride: tuple) -> Tensor:
    shape, ndim = list(input._a.shape), input._a.ndim
    if not all(isinstance(m, int) for m in size):
        at = next(k for k, m in enumerate(size) if not isinstance(m, int))
        raise TypeError(
            f"max_unpool{n}d(): argument 'output_size' (position 3) must be tuple of ints, but found element of type "
            f"{type(size[at]).__name__} at pos {at}"
        )
    if indices.dtype is not dt.int64:
        raise RuntimeError(f"elements in indices should be type int64 but got: {indices.dtype.legacy}")
    if ndim not in (n + 1, n + 2):
        raise RuntimeError(
            f"Input to max_unpooling{n}d should be a {n + 1}d or {n + 2}d Tensor, but got a tensor with {ndim} "
            "dimensions."
        )
    if indices._a.shape != input._a.shape:
        raise RuntimeError(
            f"Expected shape of indices to be same as that of the input tensor ({shape}) but got indices tensor with "
            f"shape: {list(indices._a.shape)}"
        )
    if n == 3 and any(s <= 0 for s in stride):
        raise RuntimeError(f"strides should be greater than zero, but got stride: {list(stride)}")
    for k in range(ndim - n - (ndim == n + 2), ndim):
        if shape[k] == 0:
            raise RuntimeError(
                f"max_unpooling{n}d_forward_out_cpu(): Expected input to have non-zero size for non-batch dimensions, "
                f"but got {shape} with dimension {k} being empty."
            )
    if not input.dtype.is_floating_point:
        raise NotImplementedError(
            f'"max_unpool{n}d" not implemented for {input.dtype.legacy!r}. Convert first: .float()'
        )
    i, cells = indices._a, math.prod(size)
    if i.size and backends.readable(i) and (int(i.min()) < 0 or int(i.max()) >= cells):
        wrong = int(i.min()) if int(i.min()) < 0 else int(i.max())
        raise RuntimeError(
            f"Found an invalid max index: {wrong} (output volumes are of size {'x'.join(map(str, size))})"
        )
    return MAX_UNPOOLS[n](input, i, tuple(size))


def max_unpool1d(input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0,
                 output_size: Any = None) -> Tensor:  # fmt: skip
    """Zeros with the maxima of ``max_pool1d`` put back where ``indices`` says they were; see ``max_unpool2d``."""
    return _unpool(1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0,
                 output_size: Any = None) -> Tensor:  # fmt: skip
    """Zeros with the maxima of ``max_pool2d`` put back where ``indices`` says they were.

    ``output_size`` names the size where the pooling's geometry leaves a choice.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool2d.html
    """
    return _unpool(2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0,
                 output_size: Any = None) -> Tensor:  # fmt: skip
    """Zeros with the maxima of ``max_pool3d`` put back where ``indices`` says they were; see ``max_unpool2d``."""
    return _unpool(3, input, indices, kernel_size, stride, padding, output_size)
