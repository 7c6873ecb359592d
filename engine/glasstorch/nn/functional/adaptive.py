"""Pooling by the size of the output: adaptive averages and maxima, fractional maxima."""

from __future__ import annotations

from typing import Any

from ... import backends
from ...backends import resampling
from ...core.tensor import Tensor
from ...ops.points import ADAPTIVE_MAXIMA, FRACTIONAL_MAXIMA
from ...ops.random import rand
from ...ops.resample import ADAPTIVE_MEANS


def _output_size(name: str, n: int, input: Tensor, given: Any) -> tuple[int, ...]:
    """The spatial output size, checked in PyTorch's words; None keeps a length."""
    if not isinstance(input, Tensor):
        raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    shape = input._a.shape
    if isinstance(given, (tuple, list)):
        if n > 1 and len(shape) <= len(given):
            raise ValueError(f"Input dimension should be at least {len(given) + 1}")
        if len(given) != n:
            if n == 1:
                raise RuntimeError(
                    f"{name}() argument 'output_size' should contain one int (got {len(given)})"
                )
            known = "" if "avg" in name else "(): internal error"
            raise RuntimeError(f"{name}{known}: output_size{'' if 'avg' in name else '.size()'} must be {n}")
        given = list(given)
    else:
        given = [given] * n
    if len(shape) not in (n + 1, n + 2):
        if n == 1:
            raise RuntimeError(
                f"Expected 2 to 3 dimensions, but got {len(shape)}-dimensional tensor for argument #1 'self' (while "
                f"checking arguments for {name})"
            )
        raise RuntimeError(f"{name}(): Expected {n + 1}D or {n + 2}D tensor, but got: {list(shape)}")
    size = tuple(
        m if want is None and n > 1 else want.__index__() for m, want in zip(shape[-n:], given, strict=True)
    )
    if any(m < 0 for m in size):
        if "avg" in name:
            received = "{" + ", ".join(map(str, size)) + "}"
            raise RuntimeError(
                f"{name}: elements of output_size must be greater than or equal to 0 but received {received}"
            )
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {min(size)}: {[*shape[: len(shape) - n], *size]}"
        )
    return size


def _filled(name: str, input: Tensor, start: int) -> None:
    """RuntimeError when a dimension from ``start`` on is empty."""
    shape = list(input._a.shape)
    for k in range(start, len(shape)):
        if shape[k] == 0:
            raise RuntimeError(
                f"{name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes {shape} "
                f"with dimension {k} being empty"
            )


def _of_type(kernel: str, input: Tensor) -> None:
    if not input.dtype.is_floating_point:
        raise NotImplementedError(
            f'"{kernel}" not implemented for {input.dtype.legacy!r}. Convert first: .float()'
        )


def _adaptive_avg(name: str, n: int, input: Tensor, output_size: Any) -> Tensor:
    size = _output_size(name, n, input, output_size)
    if n > 1 and all(m == 1 for m in size):
        return input.mean(tuple(range(-n, 0)), keepdim=True)  # type: ignore[attr-defined]
    shape = input._a.shape
    _filled(name, input, len(shape) - n)
    _of_type("adaptive_avg_pool3d_cpu" if n == 3 else "adaptive_avg_pool2d", input)
    pairs = zip(shape[-n:], size, strict=True)
    return ADAPTIVE_MEANS[n](input, tuple(resampling.mean_map(a, b) for a, b in pairs))


def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """Means of ``output_size`` windows that cover (N, C, L) or (C, L) evenly."""
    return _adaptive_avg("adaptive_avg_pool1d", 1, input, output_size)


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """Means of ``output_size`` (an int, or two, None to keep a length) windows that cover the image evenly.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool2d.html
    """
    return _adaptive_avg("adaptive_avg_pool2d", 2, input, output_size)


def adaptive_avg_pool3d(input: Tensor, output_size: Any) -> Tensor:
    """Means of ``output_size`` windows that cover (N, C, D, H, W) or (C, D, H, W) evenly."""
    return _adaptive_avg("adaptive_avg_pool3d", 3, input, output_size)


def _adaptive_max(name: str, n: int, input: Tensor, output_size: Any) -> Any:
    size = _output_size(name, n, input, output_size)
    shape = input._a.shape
    _filled(name, input, len(shape) - n - (len(shape) == n + 2))
    _of_type(f"adaptive_max_pool{max(n, 2)}d", input)
    pairs = zip(shape[-n:], size, strict=True)
    return ADAPTIVE_MAXIMA[n](input, tuple(resampling.adaptive_windows(a, b) for a, b in pairs))


def adaptive_max_pool1d_with_indices(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """``adaptive_max_pool1d`` with the indices."""
    return _adaptive_max("adaptive_max_pool1d", 1, input, output_size)


def adaptive_max_pool2d_with_indices(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """``adaptive_max_pool2d`` with the indices."""
    return _adaptive_max("adaptive_max_pool2d", 2, input, output_size)


def adaptive_max_pool3d_with_indices(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """``adaptive_max_pool3d`` with the indices."""
    return _adaptive_max("adaptive_max_pool3d", 3, input, output_size)


def adaptive_max_pool1d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """Largest elements of ``output_size`` windows that cover (N, C, L) or (C, L) evenly.

    ``return_indices`` gives as well where in the flattened spatial dimensions each value was.
    """
    both = adaptive_max_pool1d_with_indices(input, output_size)
    return both if return_indices else both[0]


def adaptive_max_pool2d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """Largest elements of ``output_size`` windows that cover the image evenly; see ``adaptive_max_pool1d``."""
    both = adaptive_max_pool2d_with_indices(input, output_size)
    return both if return_indices else both[0]


def adaptive_max_pool3d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """Largest elements of ``output_size`` windows that cover (N, C, D, H, W) or (C, D, H, W) evenly."""
    both = adaptive_max_pool3d_with_indices(input, output_size)
    return both if return_indices else both[0]


def _fractional(
    n: int, input: Tensor, kernel_size: Any, output_size: Any, output_ratio: Any, samples: Any
) -> Any:
    name = f"fractional_max_pool{n}d"
    if output_size is None and output_ratio is None:
        raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
    ndim, shape = input._a.ndim, input._a.shape
    if ndim <= n:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-ndim}, {ndim - 1}], but got {-n - 1})"
        )
    if output_size is None:
        ratios = output_ratio if isinstance(output_ratio, (tuple, list)) else (output_ratio,) * n
        output_size = [int(m * r) for m, r in zip(shape[-n:], ratios, strict=True)]
    kernel = _each(name, "kernel_size", kernel_size, n)
    size = _each(name, "output_size", output_size, n)
    if samples is None:
        samples = rand(
            1 if ndim == n + 1 else shape[0], shape[-n - 1], n, dtype=input.dtype, device=input.device
        )
    _check_fractional(name, n, input, kernel, size, samples)
    u = backends.move(samples._a, "cpu", None)[: shape[0] if ndim == n + 2 else 1]
    u = u if ndim == n + 2 else u[0]
    order = range(n) if n == 3 else (1, 0)  # in two dimensions the first sample is for the width
    windows = tuple(
        resampling.fractional_windows(u[..., s], shape[ndim - n + k], size[k], kernel[k])
        for k, s in enumerate(order)
    )
    return FRACTIONAL_MAXIMA[n](input, windows)


def _each(name: str, argument: str, value: Any, n: int) -> tuple[int, ...]:
    out = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    if len(out) not in (1, n):
        raise RuntimeError(f"{name}: {argument} must either be a single Int or tuple of Ints")
    return tuple(int(v) for v in out * (n if len(out) == 1 else 1))


def _check_fractional(
    name: str, n: int, input: Tensor, kernel: tuple[int, ...], size: tuple[int, ...], samples: Tensor
) -> None:
    """What PyTorch checks, in its words."""
    ndim, shape = input._a.ndim, list(input._a.shape)
    for k in range(ndim - n - 1, ndim):
        if shape[k] == 0:
            raise RuntimeError(
                f"{name}(): Expected input to have non-zero size for non-batch dimensions, but got{shape} with "
                f"dimension {k} being empty."
            )
    axes = ("height", "width") if n == 2 else ("time", "height", "width")
    for axis, m, out, k in zip(axes, shape[-n:], size, kernel, strict=True):
        if out + k - 1 > m - (n == 3):  # volumes: one element more, as PyTorch has it
            said = name if n == 2 else f"{name}_out"
            raise RuntimeError(f"{said}(): pool {axis} {k} too large relative to input {axis} {m}")
    if samples.dtype is not input.dtype:
        raise RuntimeError("Expect _random_samples to have the same dtype as input")
    if samples._a.ndim != 3:
        raise RuntimeError(f"Expect _random_samples to have 3 dimensions, got {samples._a.ndim}")
    rows, channels, given = samples._a.shape
    if rows < (shape[0] if ndim == n + 2 else 1):
        raise RuntimeError("Expect _random_samples.size(0) no less then input batch size.")
    if channels != shape[-n - 1]:
        raise RuntimeError("Expect _random_samples.size(1) equals to input channel size.")
    if given != n:
        raise RuntimeError(f"Expect _random_samples.size(2) equals to {n}; got {given}.")
    _of_type(f"{name}_out_frame", input)


def fractional_max_pool2d_with_indices(input: Tensor, kernel_size: Any, output_size: Any = None,
                                       output_ratio: Any = None, return_indices: bool = False,
                                       _random_samples: Tensor | None = None) -> Any:  # fmt: skip
    """``fractional_max_pool2d`` with the indices."""
    if output_size is None and output_ratio is not None and len(output_ratio) > 2:
        raise ValueError(
            "fractional_max_pool2d requires output_ratio to either be a single Int or tuple of Ints."
        )
    return _fractional(2, input, kernel_size, output_size, output_ratio, _random_samples)


def fractional_max_pool3d_with_indices(input: Tensor, kernel_size: Any, output_size: Any = None,
                                       output_ratio: Any = None, return_indices: bool = False,
                                       _random_samples: Tensor | None = None) -> Any:  # fmt: skip
    """``fractional_max_pool3d`` with the indices."""
    return _fractional(3, input, kernel_size, output_size, output_ratio, _random_samples)


def fractional_max_pool2d(input: Tensor, kernel_size: Any, output_size: Any = None, output_ratio: Any = None,
                          return_indices: bool = False, _random_samples: Tensor | None = None) -> Any:  # fmt: skip
    """Largest elements of windows laid pseudo-randomly over (N, C, H, W) or (C, H, W), so that any size can come out.

    ``output_size``, or ``output_ratio`` between 0 and 1 (a pair); ``_random_samples``: numbers in [0, 1) that
    decide where the windows lie, (N, C, 2). Source: https://arxiv.org/abs/1412.6071
    """
    both = fractional_max_pool2d_with_indices(
        input, kernel_size, output_size, output_ratio, True, _random_samples
    )
    return both if return_indices else both[0]


def fractional_max_pool3d(input: Tensor, kernel_size: Any, output_size: Any = None, output_ratio: Any = None,
                          return_indices: bool = False, _random_samples: Tensor | None = None) -> Any:  # fmt: skip
    """Largest elements of windows laid pseudo-randomly over (N, C, D, H, W); see ``fractional_max_pool2d``."""
    both = fractional_max_pool3d_with_indices(
        input, kernel_size, output_size, output_ratio, True, _random_samples
    )
    return both if return_indices else both[0]
