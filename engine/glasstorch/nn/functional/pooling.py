"""Pooling over windows of fixed size, and over as many windows as the output needs (adaptive)."""

from __future__ import annotations

from typing import Any

from ... import backends
from ...core import dtype as dt
from ...core.mode import is_grad_enabled
from ...core.tensor import Tensor
from ...ops.pool import Pooling, avg_pool, divisors, max_pool, max_pool_indices


def _tuple(name: str, argument: str, value: Any, n: int) -> tuple[int, ...]:
    words = {1: "one int", 2: "two ints", 3: "three ints"}
    if isinstance(value, (tuple, list)):
        if len(value) == 1:
            return (_whole(name, argument, value[0]),) * n
        if len(value) != n and n == 1:
            raise RuntimeError(
                f"{name}() {argument} must be an int, list of ints or tuple of ints of size 1 but got size {len(value)}"
            )
        if len(value) != n:
            raise RuntimeError(f"{name}: {argument} must either be a single int, or a tuple of {words[n]}")
        return tuple(_whole(name, argument, v) for v in value)
    return (_whole(name, argument, value),) * n


def _whole(name: str, argument: str, value: Any) -> int:
    if not hasattr(value, "__index__"):
        position = 2 + ("kernel_size", "stride", "padding", "dilation").index(argument)
        raise TypeError(
            f"{name}(): argument '{argument}' (position {position}) must be tuple of ints, not {type(value).__name__}"
        )
    return value.__index__()


def _pooling(name: str, n: int, input: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any,
             ceil_mode: bool) -> Pooling:  # fmt: skip
    """The geometry of a call, checked in PyTorch's words."""
    if not isinstance(input, Tensor):
        raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    k = _tuple(name, "kernel_size", kernel, n)
    s = k if stride is None or stride == () or stride == [] else _tuple(name, "stride", stride, n)
    p, d = _tuple(name, "padding", padding, n), _tuple(name, "dilation", dilation, n)
    shape = input._a.shape
    if n == 1 and (len(shape) not in (2, 3) or 0 in shape[-2:]):
        raise RuntimeError(
            f"{name}: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:"
            f"{list(shape)}"
        )
    if name == "avg_pool2d" and len(shape) < 3:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-len(shape)}, {len(shape) - 1}], but got -3)"
        )
    if len(shape) not in (n + 1, n + 2):
        raise RuntimeError(f"non-empty {n + 1}D or {n + 2}D (batch mode) tensor expected for input")
    axes = "THW"[-n:]
    if n == 1 and k[0] <= 0:
        raise RuntimeError(f"{name}() kernel_size must be greater than zero, but got {k[0]}")
    if any(v <= 0 for v in s):
        raise RuntimeError(
            "stride should not be zero"
            if n > 1
            else f"{name}() stride must be greater than zero, but got {s[0]}"
        )
    if any(v <= 0 for v in k):
        raise RuntimeError("kernel size should be greater than zero, but got "
                           + " ".join(f"k{a}: {v}" for a, v in zip(axes, k, strict=True)))  # fmt: skip
    if any(v <= 0 for v in d):
        if n == 1:
            raise RuntimeError(f"{name}() dilation must be greater than zero, but got {d[0]}")
        raise RuntimeError("dilation should be greater than zero, but got "
                           + " ".join(f"dilation{a}: {v}" for a, v in zip(axes, d, strict=True)))  # fmt: skip
    for kk, pp, dd in zip(k, p, d, strict=True):
        if pp < 0 and n == 1:
            raise RuntimeError(f"{name}() padding must be non-negative, but got {pp}")
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
        if name == "avg_pool3d":
            given, wanted = (
                " ".join(f"{prefix}{a}: {v}" for a, v in zip(axes, values, strict=True))
                for prefix, values in (("", size), ("k", k))
            )
            raise RuntimeError(f"input image ({given}) smaller than kernel size ({wanted})")
        raise RuntimeError(
            f"Given input size: ({'x'.join(map(str, (c, *size)))}). Calculated output size: "
            f"({'x'.join(map(str, (c, *out)))}). Output size is too small"
        )
    return pool


def _max(name: str, n: int, input: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool,
         indices: bool) -> Any:  # fmt: skip
    pool = _pooling(name, n, input, kernel, stride, padding, dilation, ceil_mode)
    if input._a.dtype.kind in "bc":
        name = name if n > 1 else "max_pool2d" if indices or input._rg else "max_pool1d_impl"
        raise NotImplementedError(
            f'"{name}" not implemented for {input.dtype.legacy!r}. Convert first: .float()'
        )
    out = max_pool(input, pool)
    return (out, max_pool_indices(input.detach(), out.detach(), pool)) if indices else out


def max_pool1d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
               ceil_mode: bool = False, return_indices: bool = False) -> Any:  # fmt: skip
    """The largest element of every window of (N, C, L) or (C, L); see ``max_pool2d``."""
    if not (isinstance(input, Tensor) and input.requires_grad and is_grad_enabled()):
        return _max("max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)
    pool = _pooling("max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode)
    k, s, p, d = (1, *pool.kernel), (1, *pool.stride), (0, *pool.padding), (1, *pool.dilation)
    image = input.unsqueeze(-2)  # of one row
    out = _max("max_pool2d", 2, image, k, s, p, d, ceil_mode, return_indices)
    return tuple(o.squeeze(-2) for o in out) if return_indices else out.squeeze(-2)


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
    if not input.dtype.is_floating_point and input.dtype is not dt.int64:
        kernel_name = "avg_pool3d_out_frame" if n == 3 else "avg_pool2d"
        raise NotImplementedError(
            f'"{kernel_name}" not implemented for {input.dtype.legacy!r}. Convert first: .float()'
        )
    xp = backends.namespace(input._a)
    return avg_pool(input, pool, divisors(xp, input._a.shape[-n:], pool, count_include_pad, divisor_override))


def avg_pool1d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
               count_include_pad: bool = True) -> Tensor:  # fmt: skip
    """The mean of every window of (N, C, L) or (C, L); see ``avg_pool2d``."""
    ndim = input._a.ndim
    if ndim not in (2, 3):
        raise RuntimeError(
            f"Expected 2 to 3 dimensions, but got {ndim}-dimensional tensor for argument #1 'self' (while checking "
            "arguments for avg_pool1d)"
        )
    width = _one("kernel_size", kernel_size)
    step = width if stride is None or stride == () or stride == [] else _one("stride", stride)
    as_image = input.unsqueeze(-2)  # type: ignore[attr-defined]
    out = _avg(
        "avg_pool2d",
        2,
        as_image,
        (1, width),
        (1, step),
        (0, _one("padding", padding)),
        ceil_mode,
        count_include_pad,
    )
    return out.squeeze(-2)  # type: ignore[attr-defined]


def _one(argument: str, value: Any) -> int:
    if isinstance(value, (tuple, list)):
        if len(value) != 1:
            raise RuntimeError(
                f"avg_pool1d() argument '{argument}' should contain one int (got {len(value)})"
            )
        value = value[0]
    return int(value)


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
