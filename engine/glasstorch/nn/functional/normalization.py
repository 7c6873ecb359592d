"""Normalization over the batch, over channels, and over features."""

from __future__ import annotations

import math
from typing import Any

from ... import backends
from ...core.tensor import Tensor
from ...ops.nnmisc import batch_norm_op, layer_norm_op
from .linear import pad
from .pooling import avg_pool2d


def _moved(running: Tensor | None, value: Any, momentum: float) -> None:
    """The running statistic, moved towards a new value, in place."""
    if running is not None:
        running._a *= running._a.dtype.type(1 - momentum)
        running._a += (value * momentum).astype(running._a.dtype)
        running._v[0] += 1


def _one_per_channel(name: str, t: Tensor | None, channels: int) -> None:
    if t is not None and t._a.shape != (channels,):
        raise RuntimeError(f"{name} should contain {channels} elements not {t._a.size}")


def batch_norm(input: Tensor, running_mean: Tensor | None, running_var: Tensor | None, weight: Tensor | None = None,
               bias: Tensor | None = None, training: bool = False, momentum: float = 0.1,
               eps: float = 1e-5) -> Tensor:  # fmt: skip
    """Standardise every channel of (N, C, *), then scale and shift it.

    ``training``: with the batch's own mean and variance, which also move the running ones by ``momentum``;
    otherwise with the running ones. Source: https://arxiv.org/abs/1502.03167
    """
    shape = input._a.shape
    if training and len(shape) >= 2 and math.prod(shape) // max(shape[1], 1) == 1:
        raise ValueError(
            f"Expected more than 1 value per channel when training, got input size {input.shape!r}"
        )
    return _batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


def _batch_norm(input: Tensor, running_mean: Tensor | None, running_var: Tensor | None, weight: Tensor | None,
                bias: Tensor | None, training: bool, momentum: float, eps: float) -> Tensor:  # fmt: skip
    shape = input._a.shape
    if len(shape) < 2:
        raise RuntimeError(
            f"batch_norm needs an input of at least 2 dimensions (N, C, *), got size {list(shape)}"
        )
    channels = shape[1]
    for name, t in (("running_mean", running_mean), ("running_var", running_var)):
        if not training and t is None:
            raise RuntimeError(f"{name} must be defined in evaluation mode")
        _one_per_channel(name, t, channels)
    for name, t in (("weight", weight), ("bias", bias)):
        _one_per_channel(name, t, channels)
    if training:
        out, mean, var = batch_norm_op(input, weight, bias, eps)
        n = math.prod(shape) // max(channels, 1)
        _moved(running_mean, mean._a, momentum)
        _moved(running_var, var._a * (n / max(n - 1, 1)), momentum)
        return out
    assert running_mean is not None
    assert running_var is not None
    wide = (1, channels, *(1,) * (len(shape) - 2))
    scale = (running_var.to(input.dtype) + eps).rsqrt().reshape(wide)  # type: ignore[attr-defined]
    out = (input - running_mean.to(input.dtype).reshape(wide)) * scale  # type: ignore[attr-defined]
    out = out if weight is None else out * weight.reshape(wide)  # type: ignore[attr-defined]
    return out if bias is None else out + bias.reshape(wide)  # type: ignore[attr-defined]


def layer_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None = None, bias: Tensor | None = None,
               eps: float = 1e-5) -> Tensor:  # fmt: skip
    """Standardise over the last dimensions (their lengths: ``normalized_shape``), then scale and shift."""
    n = _last_dimensions("normalized_shape", input, normalized_shape, weight, bias)
    return layer_norm_op(input, weight, bias, tuple(range(input._a.ndim - n, input._a.ndim)), eps)


def _last_dimensions(name: str, input: Tensor, given: Any, weight: Tensor | None, bias: Tensor | None) -> int:
    shape = tuple(int(k) for k in given)
    if not shape:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got "
            "normalized_shape = []"
        )
    for what, t in (("weight", weight), ("bias", bias)):
        if t is not None and t._a.shape != shape:
            raise RuntimeError(
                f"Expected {what} to be of same shape as normalized_shape, but got {what} of shape "
                f"{list(t._a.shape)} and "
                f"normalized_shape = {list(shape)}"
            )
    if input._a.shape[-len(shape) :] != shape or input._a.ndim < len(shape):
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape [*, "
            f"{', '.join(map(str, shape))}], but got "
            f"input of size{list(input._a.shape)}"
        )
    return len(shape)


def rms_norm(
    input: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """Divided by the root of the mean square over the last dimensions, then scaled. ``eps``: the type's own if None."""
    n = _last_dimensions("normalized_shape", input, normalized_shape, weight, None)
    dims = tuple(range(-n, 0))
    if eps is None:
        eps = float(backends.namespace(input._a).finfo(input._a.dtype).eps)
    out = input * ((input * input).mean(dims, keepdim=True) + eps).rsqrt()  # type: ignore[operator]
    return out if weight is None else out * weight


def group_norm(input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None,
               eps: float = 1e-5) -> Tensor:  # fmt: skip
    """Standardise each of ``num_groups`` groups of channels of each sample of (N, C, *); scale and shift channels."""
    shape = input._a.shape
    if len(shape) < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {len(shape)}")
    n, c = shape[:2]
    if num_groups <= 0:
        raise RuntimeError("Expected num groups to be greater than 0, got " + str(num_groups))
    if c % num_groups:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of "
            f"shape {list(shape)} and "
            f"num_groups={num_groups}"
        )
    flat = input.reshape(n, num_groups, math.prod(shape[1:]) // num_groups)  # type: ignore[attr-defined]
    out = layer_norm_op(flat, None, None, (2,), eps).reshape(shape)
    wide = (1, c, *(1,) * (len(shape) - 2))
    out = out if weight is None else out * weight.reshape(wide)  # type: ignore[attr-defined]
    return out if bias is None else out + bias.reshape(wide)  # type: ignore[attr-defined]


def instance_norm(input: Tensor, running_mean: Tensor | None = None, running_var: Tensor | None = None,
                  weight: Tensor | None = None, bias: Tensor | None = None, use_input_stats: bool = True,
                  momentum: float = 0.1, eps: float = 1e-5) -> Tensor:  # fmt: skip
    """Standardise every channel of every sample of (N, C, *), then scale and shift channels."""
    shape = input._a.shape
    if use_input_stats and math.prod(shape[2:]) == 1:
        raise ValueError(
            f"Expected more than 1 spatial element when training, got input size {input.shape!r}"
        )
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    n, c = shape[:2]
    out, mean, var = batch_norm_op(input.reshape(1, n * c, *shape[2:]), None, None, eps)  # type: ignore[attr-defined]
    count = math.prod(shape[2:])
    _moved(running_mean, mean._a.reshape(n, c).mean(0), momentum)
    _moved(running_var, var._a.reshape(n, c).mean(0) * (count / max(count - 1, 1)), momentum)
    out = out.reshape(shape)
    wide = (1, c, *(1,) * (len(shape) - 2))
    out = out if weight is None else out * weight.reshape(wide)  # type: ignore[attr-defined]
    return out if bias is None else out + bias.reshape(wide)  # type: ignore[attr-defined]


def local_response_norm(
    input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """``x / (k + alpha * mean square over size neighbouring channels)^beta`` of (N, C, *)."""
    shape = input._a.shape
    if len(shape) < 3:
        raise ValueError(f"Expected 3D or higher dimensionality input (got {len(shape)} dimensions)")
    if not input._a.size:
        return input
    before, after = size // 2, (size - 1) // 2
    square = (input * input).reshape(shape[0], 1, shape[1], -1)  # type: ignore[operator]
    mean = avg_pool2d(pad(square, (0, 0, before, after)), (size, 1), stride=1).reshape(shape)  # type: ignore[attr-defined]
    return input / (mean * alpha + k).pow(beta)  # type: ignore[operator]
