"""Normalization over the batch, over channels, and over features."""

from __future__ import annotations

import math
from typing import Any

from ... import backends
from ...core import dtype as dt
from ...core.mode import STATE
from ...core.refusals import same_device
from ...core.tensor import Tensor
from ...ops.nnmisc import batch_norm_fixed, batch_norm_op, group_norm_op, layer_norm_op
from ._refuse import not_tensors
from .padding import pad
from .pooling import avg_pool2d


def _moved(running: Tensor | None, value: Any, factor: float, momentum: float) -> None:
    """The running statistic, moved towards ``factor * value``, in place."""
    if running is not None:
        change = (running._a, value, factor, momentum)
        _move(*change)
        running._v[0] += 1
        if STATE.recorder is not None:
            STATE.recorder.did(_move, change, [])


def _move(running: Any, value: Any, factor: float, momentum: float) -> None:
    running *= running.dtype.type(1 - momentum)
    running += (value * factor * momentum).astype(running.dtype)


def _one_per_channel(name: str, t: Tensor | None, channels: int, repeats: int = 1) -> None:
    if t is not None and t._a.shape != (channels,):
        raise RuntimeError(f"{name} should contain {channels * repeats} elements not {t._a.size * repeats}")


def _check_types(kernel: str, input: Tensor, *parameters: Tensor | None) -> None:
    """Floating inputs only; parameters of the same type, or of float32 beside inputs of a half type."""
    if not input.dtype.is_floating_point:
        raise NotImplementedError(
            f'"{kernel}" not implemented for {input.dtype.legacy!r}. Convert first: .float()'
        )
    kinds = {p._a.dtype for p in parameters if p is not None}
    if kinds <= {input._a.dtype} or (input._a.itemsize == 2 and kinds == {dt.float32.np}):
        return
    if input.dtype is dt.float64:
        raise RuntimeError("mixed dtype (CPU): all inputs must share same datatype.")
    raise RuntimeError("mixed dtype (CPU): expect parameter to have scalar type of Float")


def _wider(*tensors: Tensor | None) -> list[Any]:
    """Half types as float32, in which their statistics are computed."""
    return [t if t is None or t._a.itemsize != 2 else t.float() for t in tensors]  # type: ignore[attr-defined]


def _back(out: Tensor, input: Tensor) -> Tensor:
    """The result in the type of the input."""
    return out if out._a.dtype == input._a.dtype else out.to(input.dtype)  # type: ignore[attr-defined]


def batch_norm(input: Tensor, running_mean: Tensor | None, running_var: Tensor | None, weight: Tensor | None = None,
               bias: Tensor | None = None, training: bool = False, momentum: float = 0.1,
               eps: float = 1e-5) -> Tensor:  # fmt: skip
    """Standardise every channel of (N, C, *), then scale and shift it.

    ``training``: with the batch's own mean and variance, which also move the running ones by ``momentum``;
    otherwise with the running ones. Source: https://arxiv.org/abs/1502.03167
    """
    if not isinstance(input, Tensor):
        not_tensors("batch_norm", "size", input=input)
    shape = input._a.shape
    if training and len(shape) >= 2 and math.prod(shape) // max(shape[1], 1) == 1:
        raise ValueError(
            f"Expected more than 1 value per channel when training, got input size {input.shape!r}"
        )
    return _batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


def _batch_norm(input: Tensor, running_mean: Tensor | None, running_var: Tensor | None, weight: Tensor | None,
                bias: Tensor | None, training: bool, momentum: float, eps: float) -> Tensor:  # fmt: skip
    shape, ndim = input._a.shape, input._a.ndim
    if ndim == 1 and not shape[0]:
        return input.clone()  # PyTorch lets nothing at all pass
    if ndim < 2:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-max(ndim, 1)}, {max(ndim, 1) - 1}], but got 1)"
        )
    channels = shape[1]
    for name, t in (("running_mean", running_mean), ("running_var", running_var)):
        if not training and t is None:
            raise RuntimeError(f"{name} must be defined in evaluation mode")
        _one_per_channel(name, t, channels)
        if t is not None and t._rg:
            raise RuntimeError(
                f"The function 'native_batch_norm' is not differentiable with respect to argument '{name}'. This input "
                "cannot have requires_grad True."
            )
    for name, t in (("weight", weight), ("bias", bias)):
        _one_per_channel(name, t, channels)
    _check_types("batch_norm", input, running_mean, running_var, weight, bias)
    same_device("batch_norm", input=input, running_mean=running_mean, running_var=running_var)
    x, weight, bias = _wider(input, weight, bias)
    if training:
        out, mean, var = batch_norm_op(x, weight, bias, eps)
        n = math.prod(shape) // max(channels, 1)
        if n:
            _moved(running_mean, mean._a, 1.0, momentum)
            _moved(running_var, var._a, n / max(n - 1, 1), momentum)
        return _back(out, input)
    assert running_mean is not None
    assert running_var is not None
    kind = x._a.dtype
    mean, var = (t._a.astype(kind, copy=False) for t in (running_mean, running_var))
    return _back(batch_norm_fixed(x, weight, bias, mean, var, eps), input)


def _scaled(x: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """Each channel of (N, C, *) times its weight, plus its bias."""
    wide = (1, x._a.shape[1], *(1,) * (x._a.ndim - 2))
    out = x if weight is None else x * weight.reshape(wide)  # type: ignore[attr-defined]
    return out if bias is None else out + bias.reshape(wide)  # type: ignore[attr-defined]


def layer_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None = None, bias: Tensor | None = None,
               eps: float = 1e-5) -> Tensor:  # fmt: skip
    """Standardise over the last dimensions (their lengths: ``normalized_shape``), then scale and shift."""
    if not isinstance(input, Tensor):
        not_tensors("layer_norm", input=input)
    n = _last_dimensions("layer_norm", input, normalized_shape, weight, bias)
    if input.dtype.category < dt.FLOATING and (weight is not None or bias is not None):
        raise RuntimeError("mixed dtype (CPU): all inputs must share same datatype.")
    _check_types("LayerNormKernelImpl", input, weight, bias)
    dims = tuple(range(input._a.ndim - n, input._a.ndim))
    return _back(layer_norm_op(*_wider(input, weight, bias), dims, eps), input)


def _last_dimensions(name: str, input: Tensor, given: Any, weight: Tensor | None, bias: Tensor | None) -> int:
    if not isinstance(given, (tuple, list)):
        raise TypeError(
            f"{name}(): argument 'normalized_shape' (position 2) must be tuple of ints, not {type(given).__name__}"
        )
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
        comma = ", " if name == "layer_norm" else ""
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape [*{comma}"
            f"{', '.join(map(str, shape))}], but got "
            f"input of size{list(input._a.shape)}"
        )
    return len(shape)


def rms_norm(
    input: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """Divided by the root of the mean square over the last dimensions, then scaled. ``eps``: the type's own if None."""
    if not isinstance(input, Tensor):
        not_tensors("rms_norm", input=input)
    n = _last_dimensions("rms_norm", input, normalized_shape, weight, None)
    if input.dtype.category < dt.FLOATING:
        raise NotImplementedError(
            f'"rms_norm" not implemented for {input.dtype.legacy!r}. Convert first: .float()'
        )
    dims = tuple(range(-n, 0))
    (x,) = _wider(input)
    if eps is None:
        eps = float(backends.namespace(x._a).finfo(x._a.dtype).eps)
    out = x * ((x * x).mean(dims, keepdim=True) + eps).rsqrt()
    return _back(out if weight is None else out * weight, input)


def group_norm(input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None,
               eps: float = 1e-5) -> Tensor:  # fmt: skip
    """Standardise each of ``num_groups`` groups of channels of each sample of (N, C, *); scale and shift channels.

    Source: https://arxiv.org/abs/1803.08494
    """
    if not isinstance(input, Tensor):
        not_tensors("group_norm", "dim", input=input)
    shape = input._a.shape
    if len(shape) < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {len(shape)}")
    n, c = shape[:2]
    if n * c // num_groups * math.prod(shape[2:]) == 1:
        raise ValueError(
            "Expected more than 1 value per channel when training, got input size "
            f"{[n * c // num_groups, num_groups, *shape[2:]]}"
        )
    return _group_norm(input, num_groups, weight, bias, eps)


def _group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None, bias: Tensor | None, eps: float
) -> Tensor:
    shape = input._a.shape
    c = shape[1]
    if num_groups <= 0:
        raise RuntimeError(f"Expected num groups to be greater than 0, got {num_groups}")
    if c % num_groups:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of "
            f"shape {list(shape)} and "
            f"num_groups={num_groups}"
        )
    for name, t in (("weight", weight), ("bias", bias)):
        if t is not None and t._a.shape != (c,):
            raise RuntimeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, but got {name} of "
                f"shape {list(t._a.shape)} and input of shape {list(shape)}"
            )
    _check_types("GroupNormKernelImpl", input, weight, bias)
    x, weight, bias = _wider(input, weight, bias)
    return _back(group_norm_op(x, weight, bias, num_groups, eps), input)


def instance_norm(input: Tensor, running_mean: Tensor | None = None, running_var: Tensor | None = None,
                  weight: Tensor | None = None, bias: Tensor | None = None, use_input_stats: bool = True,
                  momentum: float = 0.1, eps: float = 1e-5) -> Tensor:  # fmt: skip
    """Standardise every channel of every sample of (N, C, *), then scale and shift channels."""
    if not isinstance(input, Tensor):
        not_tensors("instance_norm", "size", input=input)
    shape = input._a.shape
    if use_input_stats and math.prod(shape[2:]) == 1:
        raise ValueError(
            f"Expected more than 1 spatial element when training, got input size {input.shape!r}"
        )
    if (running_mean is None) != (running_var is None):
        raise ValueError("running_mean and running_var must either both be None or neither be None")
    if not use_input_stats and running_mean is None:
        raise RuntimeError(
            "Expected running_mean and running_var to be defined when use_input_stats is false"
        )
    n, c = shape[:2]
    for name, t in (
        ("running_mean", running_mean),
        ("running_var", running_var),
        ("weight", weight),
        ("bias", bias),
    ):
        _one_per_channel(name, t, c, n)
    if not use_input_stats:
        return _batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    _check_types("batch_norm", input, running_mean, running_var, weight, bias)
    same_device("batch_norm", input=input, running_mean=running_mean, running_var=running_var)
    x, weight, bias = _wider(input, weight, bias)
    out, mean, var = batch_norm_op(x.reshape(1, n * c, *shape[2:]), None, None, eps)
    if n:
        count = math.prod(shape[2:])
        _moved(running_mean, mean._a.reshape(n, c).mean(0), 1.0, momentum)
        _moved(running_var, var._a.reshape(n, c).mean(0), count / max(count - 1, 1), momentum)
    return _back(_scaled(out.reshape(shape), weight, bias), input)


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
