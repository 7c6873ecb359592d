"""Filling parameters before training. Functions ending in ``_`` change the tensor in place and return it.

Random values are drawn in PyTorch's order, so the same seed gives PyTorch's weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import linalg
from ..core.forms import FUNCTIONS
from ..core.frames import warn
from ..core.mode import no_grad
from ..core.tensor import Tensor

_CONVOLUTIONS = ("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d")


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The standard deviation's factor that suits a nonlinearity. ``param``: the slope of a leaky relu."""
    if nonlinearity in ("linear", "sigmoid", *_CONVOLUTIONS):
        return 1
    if nonlinearity == "tanh":
        return 5.0 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        if param is None:
            slope = 0.01
        elif not isinstance(param, bool) and isinstance(param, (int, float)):
            slope = param
        else:
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity == "selu":
        return 3.0 / 4
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}")


def _fans(tensor: Tensor) -> tuple[int, int]:
    """How many inputs feed one output, and how many outputs one input feeds."""
    shape = tensor._a.shape
    if len(shape) < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    field = math.prod(shape[2:])
    return shape[1] * field, shape[0] * field


_calculate_fan_in_and_fan_out = _fans


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Tensor:
    """Uniform between ``a`` and ``b``."""
    with no_grad():
        return tensor.uniform_(a, b, generator=generator)  # type: ignore[attr-defined]


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    """Normal with this mean and standard deviation."""
    with no_grad():
        return tensor.normal_(mean, std, generator=generator)  # type: ignore[attr-defined]


def trunc_normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0,
                  generator: Any = None) -> Tensor:  # fmt: skip
    """Normal, kept within [a, b]: values outside are drawn again."""
    if mean < a - 2 * std or mean > b + 2 * std:
        warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be "
            "incorrect.",
        )

    def below(x: float) -> float:  # the normal distribution function
        return (1.0 + math.erf((x - mean) / std / math.sqrt(2.0))) / 2.0

    with no_grad():
        if below(b) - below(a) > 0.3:
            _redraw_outside(tensor, mean, std, a, b, generator)
        else:
            _accept_under_the_curve(tensor, mean, std, a, b, generator)
    return tensor


def _redraw_outside(tensor: Any, mean: float, std: float, a: float, b: float, generator: Any) -> None:
    """Normal values; those outside [a, b] are drawn again until none is left."""
    kind = tensor._a.dtype.type
    low, high = kind(a), kind(b)
    tensor.normal_(mean, std, generator=generator)
    values = tensor._a
    while (outside := (values < low) | (values > high)).any():
        fresh = tensor.clone().normal_(mean, std, generator=generator)._a
        values[outside] = fresh[outside]


def _accept_under_the_curve(tensor: Any, mean: float, std: float, a: float, b: float, generator: Any) -> None:
    """Uniform values in [a, b], each kept with the probability that the density at its place has."""
    peak = -0.5 * ((max(a, min(mean, b)) - mean) / std) ** 2
    pending: Any = None
    candidates, chance = (
        tensor.clone(),
        tensor.clone(),
    )  # in the same memory layout, which random fills follow
    while pending is None or pending.any():
        candidates.uniform_(a, b, generator=generator)
        density = (
            candidates.clone().sub_(mean).div_(std).pow_(2).mul_(-0.5).sub_(peak)
        )  # step by step, as rounded
        refused = (chance.uniform_(0, 1, generator=generator).log_() > density)._a
        take = ~refused if pending is None else pending & ~refused
        tensor._a[take] = candidates._a[take]
        pending = refused if pending is None else pending & refused


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Every element ``val``."""
    with no_grad():
        return tensor.fill_(val)  # type: ignore[attr-defined]


def ones_(tensor: Tensor) -> Tensor:
    """Every element 1."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Every element 0."""
    return constant_(tensor, 0.0)


def eye_(tensor: Tensor) -> Tensor:
    """The identity matrix."""
    if tensor._a.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    with no_grad():
        tensor.zero_()  # type: ignore[attr-defined]
        for k in range(min(tensor._a.shape)):
            tensor._a[k, k] = 1
    return tensor


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """A convolution weight that passes channels through unchanged (in each of ``groups``)."""
    ndim, shape = tensor._a.ndim, tensor._a.shape
    if ndim not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    if shape[0] % groups:
        raise ValueError("dim 0 must be divisible by groups")
    each = shape[0] // groups
    middle = tuple(n // 2 for n in shape[2:])
    with no_grad():
        tensor.zero_()  # type: ignore[attr-defined]
        for g in range(groups):
            for d in range(min(each, shape[1])):
                tensor._a[(g * each + d, d, *middle)] = 1
    return tensor


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Uniform with variance ``2 gain² / (fan_in + fan_out)`` (Glorot and Bengio 2010)."""
    fan_in, fan_out = _fans(tensor)
    bound = math.sqrt(3.0) * (gain * math.sqrt(2.0 / float(fan_in + fan_out)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Normal with variance ``2 gain² / (fan_in + fan_out)`` (Glorot and Bengio 2010)."""
    fan_in, fan_out = _fans(tensor)
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / float(fan_in + fan_out)), generator)


def _calculate_correct_fan(tensor: Tensor, mode: str) -> int:
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return _fans(tensor)[mode == "fan_out"]


def kaiming_uniform_(tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
                     generator: Any = None) -> Tensor:  # fmt: skip
    """Uniform with variance ``gain² / fan`` (He et al. 2015). ``a``: the slope of the leaky relu that follows."""
    if 0 in tensor._a.shape:
        warn("Initializing zero-element tensors is a no-op")
        return tensor
    fan = _calculate_correct_fan(tensor, mode)
    bound = math.sqrt(3.0) * (calculate_gain(nonlinearity, a) / math.sqrt(fan))
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
                    generator: Any = None) -> Tensor:  # fmt: skip
    """Normal with variance ``gain² / fan`` (He et al. 2015)."""
    if 0 in tensor._a.shape:
        warn("Initializing zero-element tensors is a no-op")
        return tensor
    fan = _calculate_correct_fan(tensor, mode)
    return normal_(tensor, 0, calculate_gain(nonlinearity, a) / math.sqrt(fan), generator)


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Any = None) -> Tensor:
    """A (semi-)orthogonal matrix, from the QR decomposition of a normal one (Saxe et al. 2013)."""
    if tensor._a.ndim < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if tensor._a.size == 0:
        return tensor
    rows = tensor._a.shape[0]
    columns = tensor._a.size // rows
    flat = tensor.new_empty((rows, columns))  # type: ignore[attr-defined]
    normal_(flat, 0, 1, generator)
    with no_grad():
        q, r = linalg.qr(flat.t() if rows < columns else flat)  # type: ignore[attr-defined]
        q = q * r.diagonal().sign()  # makes the decomposition unique
        q = q.t() if rows < columns else q
        tensor.copy_(q.reshape(tensor._a.shape)).mul_(gain)  # type: ignore[attr-defined]
    return tensor


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Any = None) -> Tensor:
    """Normal, with a fraction ``sparsity`` of every column set to 0 (Martens 2010)."""
    if tensor._a.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    rows, columns = tensor._a.shape
    zeros = math.ceil(sparsity * rows)
    with no_grad():
        tensor.normal_(0, std, generator=generator)  # type: ignore[attr-defined]
        for k in range(columns):
            order = FUNCTIONS["randperm"](rows)[:zeros].to(tensor.device)
            tensor._a[order._a, k] = 0
    return tensor


def _old_name(fn: Callable) -> Callable:
    """The name without the underscore, from before PyTorch 0.4: works, with a FutureWarning."""
    new, old = fn.__name__, fn.__name__.removesuffix("_")

    def deprecated(*args: Any, **kwargs: Any) -> Tensor:
        warn(f"`nn.init.{old}` is now deprecated in favor of `nn.init.{new}`.", FutureWarning)
        return fn(*args, **kwargs)

    deprecated.__name__ = deprecated.__qualname__ = old
    deprecated.__doc__ = f"The old name of ``{new}``."
    return deprecated


uniform, normal, constant = _old_name(uniform_), _old_name(normal_), _old_name(constant_)
eye, dirac, sparse, orthogonal = (
    _old_name(eye_),
    _old_name(dirac_),
    _old_name(sparse_),
    _old_name(orthogonal_),
)
xavier_uniform, xavier_normal = _old_name(xavier_uniform_), _old_name(xavier_normal_)
kaiming_uniform, kaiming_normal = _old_name(kaiming_uniform_), _old_name(kaiming_normal_)
