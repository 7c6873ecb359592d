"""Pooling over windows of fixed size, and over as many windows as the output needs (adaptive)."""

from __future__ import annotations

import itertools
import math
from typing import Any

from ... import backends
from ...core.tensor import Tensor
from ...ops.join import stack
from ...ops.nnmisc import remembered
from ...ops.pool import Pooling, avg_pool, divisors, max_pool, max_pool_indices


def _tuple(name: str, argument: str, value: Any, n: int) -> tuple[int, ...]:
    words = {1: "one int", 2: "two ints", 3: "three ints"}
    if isinstance(value, (tuple, list)):
        if len(value) == 1:
            return (int(value[0]),) * n
        if len(value) != n:
            raise RuntimeError(f"{name}: {argument} must either be a single int, or a tuple of {words[n]}")
        return tuple(int(v) for v in value)
    return (int(value),) * n


def _pooling(name: str, n: int, input: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any,
             ceil_mode: bool) -> Pooling:  # fmt: skip
    """The geometry of a call, checked in PyTorch's words."""
    if not isinstance(input, Tensor):
        raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    k = _tuple(name, "kernel_size", kernel, n)
    s = k if stride is None or stride == () or stride == [] else _tuple(name, "stride", stride, n)
    p, d = _tuple(name, "padding", padding, n), _tuple(name, "dilation", dilation, n)
    shape = input._a.shape
    if len(shape) not in (n + 1, n + 2):
        raise RuntimeError(
            f"non-empty {n + 1}D or {n + 2}D (batch mode) tensor expected for input"
            if n > 1
            else f"{name}() Expected 2D or 3D input tensor, but got {list(shape)}"
        )
    axes = "TDHW"[-n:] if n == 3 else "HW"[-n:]
    if any(v <= 0 for v in s):
        raise RuntimeError(
            "stride should not be zero"
            if n > 1
            else f"{name}() stride must be greater than zero, but got {s[0]}"
        )
    if any(v <= 0 for v in k):
        if n == 1:
            raise RuntimeError(f"{name}() kernel_size must be greater than zero, but got {k[0]}")
        raise RuntimeError("kernel size should be greater than zero, but got "
                           + " ".join(f"k{a}: {v}" for a, v in zip(axes, k, strict=True)))  # fmt: skip
    if any(v <= 0 for v in d):
        if n == 1:
            raise RuntimeError(f"{name}() dilation must be greater than zero, but got {d[0]}")
        raise RuntimeError("dilation should be greater than zero, but got "
                           + " ".join(f"dilation{a}: {v}" for a, v in zip(axes, d, strict=True)))  # fmt: skip
    for kk, pp, dd in zip(k, p, d, strict=True):
        if pp < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {pp}")
        if pp > ((kk - 1) * dd + 1) // 2:
            raise RuntimeError(
                f"max_pool1d() padding should be at most half of kernel size, but got padding={pp} and kernel_size={kk}"
                if name.startswith("max_pool1d")
                else f"pad should be at most half of effective kernel size, but got pad={pp}, "
                f"kernel_size={kk} and dilation={dd}"
            )
    if any(m == 0 for m in shape[-n - 1 :]) and n > 1:
        raise RuntimeError(
            f"Expected {n + 1}D or {n + 2}D (batch mode) tensor with optional 0 dim batch size for input, but got:"
            f"{list(shape)}"
        )
    pool = Pooling(k, s, p, d, bool(ceil_mode))
    size = shape[-n:]
    out = pool.output_size(size)
    if any(m < 1 for m in out):
        if n == 1:
            raise RuntimeError(f"{name}() Invalid computed output size: {out[0]}")
        c = shape[-n - 1]
        raise RuntimeError(
            f"Given input size: ({'x'.join(map(str, (c, *size)))}). Calculated output size: "
            f"({'x'.join(map(str, (c, *out)))}). Output size is too small"
        )
    return pool


def _max(name: str, n: int, input: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool,
         indices: bool) -> Any:  # fmt: skip
    pool = _pooling(name, n, input, kernel, stride, padding, dilation, ceil_mode)
    out = max_pool(input, pool)
    return (out, max_pool_indices(input.detach(), out.detach(), pool)) if indices else out


def max_pool1d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
               ceil_mode: bool = False, return_indices: bool = False) -> Any:  # fmt: skip
    """The largest element of every window of (N, C, L) or (C, L); see ``max_pool2d``."""
    return _max("max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
               ceil_mode: bool = False, return_indices: bool = False) -> Any:  # fmt: skip
    """The largest element of every window of (N, C, H, W) or (C, H, W).

    ``stride`` defaults to the kernel size; ``padding`` counts as minus infinity; ``ceil_mode`` lets a last window
    hang over the end; ``return_indices`` gives as well where in the flattened image each value was.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html
    """
    return _max("max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool3d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
               ceil_mode: bool = False, return_indices: bool = False) -> Any:  # fmt: skip
    """The largest element of every window of (N, C, D, H, W) or (C, D, H, W); see ``max_pool2d``."""
    return _max("max_pool3d", 3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool1d_with_indices(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
                            ceil_mode: bool = False, return_indices: bool = True) -> Any:  # fmt: skip
    """``max_pool1d`` with the indices."""
    return max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def max_pool2d_with_indices(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
                            ceil_mode: bool = False, return_indices: bool = True) -> Any:  # fmt: skip
    """``max_pool2d`` with the indices."""
    return max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def max_pool3d_with_indices(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
                            ceil_mode: bool = False, return_indices: bool = True) -> Any:  # fmt: skip
    """``max_pool3d`` with the indices."""
    return max_pool3d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def _avg(name: str, n: int, input: Tensor, kernel: Any, stride: Any, padding: Any, ceil_mode: bool,
         count_include_pad: bool, divisor_override: int | None = None) -> Tensor:  # fmt: skip
    if divisor_override == 0:
        raise RuntimeError("divisor must be not zero")
    pool = _pooling(name, n, input, kernel, stride, padding, 1, ceil_mode)
    xp = backends.namespace(input._a)
    return avg_pool(input, pool, divisors(xp, input._a.shape[-n:], pool, count_include_pad, divisor_override))


def avg_pool1d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
               count_include_pad: bool = True) -> Tensor:  # fmt: skip
    """The mean of every window of (N, C, L) or (C, L); see ``avg_pool2d``."""
    return _avg("avg_pool1d", 1, input, kernel_size, stride, padding, ceil_mode, count_include_pad)


def avg_pool2d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
               count_include_pad: bool = True, divisor_override: int | None = None) -> Tensor:  # fmt: skip
    """The mean of every window of (N, C, H, W) or (C, H, W).

    ``count_include_pad``: do the zeros of the padding count in the mean? ``divisor_override``: divide the
    sum by this instead. Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html
    """
    return _avg(
        "avg_pool2d", 2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def avg_pool3d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
               count_include_pad: bool = True, divisor_override: int | None = None) -> Tensor:  # fmt: skip
    """The mean of every window of (N, C, D, H, W) or (C, D, H, W); see ``avg_pool2d``."""
    return _avg(
        "avg_pool3d", 3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def _adaptive_size(name: str, n: int, input: Tensor, output_size: Any) -> tuple[int, ...]:
    shape = input._a.shape
    if isinstance(output_size, (tuple, list)) and n > 1 and len(shape) <= len(output_size):
        raise ValueError(f"Input dimension should be at least {len(output_size) + 1}")
    if len(shape) not in (n + 1, n + 2):
        raise RuntimeError(f"{name}(): Expected {n + 1}D or {n + 2}D tensor, but got {list(shape)}")
    if isinstance(output_size, (tuple, list)):
        given = list(output_size) * (n if len(output_size) == 1 else 1)
        if len(given) != n:
            raise RuntimeError(f"{name}: output_size must be {n}")
    else:
        given = [output_size] * n
    size = tuple(m if want is None else int(want) for m, want in zip(shape[-n:], given, strict=True))
    if any(m == 0 for m in shape[-n:]):
        raise RuntimeError(
            f"{name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes "
            f"{list(shape)} with dimension {len(shape) - n + shape[-n:].index(0)} being empty"
        )
    if any(m < 0 for m in size):
        raise RuntimeError(f"{name}(): elements of output_size must be greater than or equal to 0")
    return size


def _bounds(n: int, m: int) -> list[tuple[int, int]]:
    """Where each of ``m`` windows over ``n`` elements begins and ends."""
    return [(k * n // m, -((-(k + 1) * n) // m)) for k in range(m)]


def _cells(input: Tensor, size: tuple[int, ...]) -> list[tuple[tuple[slice, ...], Tensor]]:
    """The windows of an adaptive pooling, row-major."""
    edges = [_bounds(n, m) for n, m in zip(input._a.shape[-len(size) :], size, strict=True)]
    where = [tuple(slice(a, b) for a, b in cell) for cell in itertools.product(*edges)]
    return [(w, input[(..., *w)]) for w in where]  # type: ignore[index]


def _adaptive_avg(name: str, n: int, input: Tensor, output_size: Any) -> Tensor:
    size = _adaptive_size(name, n, input, output_size)
    shape = input._a.shape
    dims = tuple(range(-n, 0))
    if all(m == 1 for m in size):
        return input.mean(dims, keepdim=True)  # type: ignore[attr-defined]
    if all(m and k % m == 0 for k, m in zip(shape[-n:], size, strict=True)):
        kernel = tuple(k // m for k, m in zip(shape[-n:], size, strict=True))
        return _avg(name, n, input, kernel, None, 0, False, True)
    if 0 in size:
        return input.new_zeros((*shape[:-n], *size))  # type: ignore[attr-defined]
    cells = [cell.mean(dims) for _, cell in _cells(remembered(input), size)]  # type: ignore[attr-defined]
    return stack(cells, -1).reshape(*shape[:-n], *size)


def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """Means of ``output_size`` windows that cover (N, C, L) or (C, L) evenly."""
    return _adaptive_avg("adaptive_avg_pool1d", 1, input, output_size)


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """Means of ``output_size`` (an int, or two, None to keep a length) windows that cover the image evenly."""
    return _adaptive_avg("adaptive_avg_pool2d", 2, input, output_size)


def adaptive_avg_pool3d(input: Tensor, output_size: Any) -> Tensor:
    """Means of ``output_size`` windows that cover (N, C, D, H, W) or (C, D, H, W) evenly."""
    return _adaptive_avg("adaptive_avg_pool3d", 3, input, output_size)


def _adaptive_max(name: str, n: int, input: Tensor, output_size: Any, indices: bool) -> Any:
    size = _adaptive_size(name, n, input, output_size)
    shape = input._a.shape
    places = input.new_tensor(list(range(math.prod(shape[-n:])))).to("cpu")  # type: ignore[attr-defined]
    places = places.long().reshape(shape[-n:])
    values, found = [], []
    for where, cell in _cells(remembered(input), size):
        flat = cell.reshape(*shape[:-n], -1)  # type: ignore[attr-defined]
        best, at = flat.max(-1)
        values.append(best)
        found.append(places[where].reshape(-1).to(input.device)[at])
    out = stack(values, -1).reshape(*shape[:-n], *size)
    return (out, stack(found, -1).reshape(*shape[:-n], *size)) if indices else out


def adaptive_max_pool1d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """Largest elements of ``output_size`` windows that cover (N, C, L) or (C, L) evenly."""
    return _adaptive_max("adaptive_max_pool1d", 1, input, output_size, return_indices)


def adaptive_max_pool2d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """Largest elements of ``output_size`` windows that cover the image evenly."""
    return _adaptive_max("adaptive_max_pool2d", 2, input, output_size, return_indices)


def adaptive_max_pool3d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """Largest elements of ``output_size`` windows that cover (N, C, D, H, W) or (C, D, H, W) evenly."""
    return _adaptive_max("adaptive_max_pool3d", 3, input, output_size, return_indices)
