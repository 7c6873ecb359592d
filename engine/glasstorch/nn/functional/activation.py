"""Activation functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import backends
from ...core import dtype as dt
from ...core.dims import wrap_dim
from ...core.frames import warn
from ...core.inplace import inplace as in_place
from ...core.tensor import Tensor
from ...ops import activation as ops
from ...ops import pointwise
from ...ops.loss import log_softmax as _log_softmax
from ...ops.loss import softmax as _softmax
from ._refuse import not_tensors


def _floating(input: Tensor, kernel: str) -> None:
    if not isinstance(input, Tensor):
        raise TypeError(
            f"{kernel}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}"
        )
    if not (input.dtype.is_floating_point or (input.dtype.is_complex and kernel == "silu_cpu")):
        raise NotImplementedError(
            f'"{kernel}" not implemented for {input.dtype.legacy!r}. Convert first: .float()'
        )


def _apply(
    name: str, fn: Callable, input: Tensor, args: tuple, inplace: bool, kernel: str | None = None
) -> Tensor:
    """The function's result, or the input overwritten with it."""
    _floating(input, kernel or name)
    return in_place(input, fn, args, {}, name + "_") if inplace else fn(input, *args)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """The positive part: ``max(0, x)``."""
    return input.relu_() if inplace else pointwise.relu(input)  # type: ignore[attr-defined]


def relu_(input: Tensor) -> Tensor:
    """In-place ``relu``."""
    return input.relu_()  # type: ignore[attr-defined]


def sigmoid(input: Tensor) -> Tensor:
    """``1 / (1 + exp(-x))``."""
    return pointwise.sigmoid(input)


def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent."""
    return pointwise.tanh(input)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """``x`` above 0, ``negative_slope * x`` below."""
    return _apply("leaky_relu", ops.leaky_relu_op, input, (negative_slope,), inplace, "leaky_relu_cpu")


def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """In-place ``leaky_relu``."""
    return leaky_relu(input, negative_slope, True)


def rrelu(
    input: Tensor,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """``x`` above 0; below, times a slope: random from ``lower`` to ``upper`` in training, their mean otherwise.

    Source: Xu et al. 2015, https://arxiv.org/abs/1505.00853
    """
    return _rrelu(input, lower, upper, training, None, inplace)


def rrelu_(input: Tensor, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False) -> Tensor:
    """In-place ``rrelu``."""
    return _rrelu(input, lower, upper, training, None, True)


def _rrelu(
    input: Tensor, lower: float, upper: float, training: bool, generator: Any, inplace: bool
) -> Tensor:
    if lower > upper:
        raise RuntimeError("Lower bound should be less than or equal to the upper bound")
    if not training:
        return _apply("rrelu", ops.leaky_relu_op, input, ((lower + upper) / 2,), inplace, "leaky_relu_cpu")
    if input.dtype not in (dt.float32, dt.float64, dt.bfloat16):
        raise NotImplementedError(
            f'"rrelu_with_noise_out_cpu" not implemented for {input.dtype.legacy!r}. Convert first: .float()'
        )
    x = input._a
    noise = backends.namespace(x).ones(x.shape, x.dtype)
    below = x <= 0  # only these draw a number, one after the other
    slopes = input.new_empty(int(below.sum()), dtype=dt.float64)  # type: ignore[attr-defined]
    noise[below] = slopes.uniform_(lower, upper, generator=generator)._a
    return _apply("rrelu", ops.rrelu_op, input, (noise,), inplace)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """``x`` above 0, ``alpha (exp(x) - 1)`` below."""
    return _apply("elu", ops.elu_op, input, (alpha, 1.0, 1.0), inplace, "elu_cpu")


def elu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """In-place ``elu``."""
    return elu(input, alpha, True)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """``x`` above 0, ``alpha (exp(x / alpha) - 1)`` below."""
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return _apply("celu", ops.elu_op, input, (alpha, 1.0, 1.0 / alpha), inplace, "elu_cpu")


def celu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """In-place ``celu``."""
    return celu(input, alpha, True)


_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """``elu`` with the constants that keep mean 0 and variance 1 (Klambauer et al. 2017)."""
    return _apply("selu", ops.elu_op, input, (_SELU_ALPHA, _SELU_SCALE, 1.0), inplace, "elu_cpu")


def selu_(input: Tensor) -> Tensor:
    """In-place ``selu``."""
    return selu(input, True)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """``x`` times the normal distribution function; ``approximate="tanh"`` takes a tanh for it."""
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    _floating(input, "GeluKernelImpl")
    return ops.gelu_op(input, approximate)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """``x`` times its sigmoid."""
    return _apply("silu", ops.silu_op, input, (), inplace, "silu_cpu")


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """``x`` times the tanh of its softplus."""
    return _apply("mish", ops.mish_op, input, (), inplace, "mish_cpu")


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """``log(1 + exp(beta x)) / beta``; linear once ``beta x`` is above ``threshold``."""
    _floating(input, "softplus_cpu")
    return ops.softplus_op(input, beta, threshold)


def logsigmoid(input: Tensor) -> Tensor:
    """The logarithm of the sigmoid, without overflow."""
    _floating(input, "log_sigmoid_cpu")
    return ops.logsigmoid_op(input)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """Cut off below ``min_val`` and above ``max_val``."""
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    if input.dtype is dt.bool_:
        raise RuntimeError("Bool inputs not supported for hardtanh")
    if input.dtype.is_complex:
        raise NotImplementedError("clamp is not supported for complex types")
    if input.dtype is dt.uint8 and min_val < 0:
        raise RuntimeError("cannot do hardtanh on an unsigned type with negative limits")
    if inplace:
        return in_place(input, ops.hardtanh_op, (min_val, max_val), {}, "hardtanh_")
    return ops.hardtanh_op(input, min_val, max_val)


def hardtanh_(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """In-place ``hardtanh``."""
    return hardtanh(input, min_val, max_val, True)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """``min(max(0, x), 6)``."""
    return hardtanh(input, 0, 6, inplace)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """A sigmoid made of straight lines: ``min(max(x + 3, 0), 6) / 6``."""
    return _apply("hardsigmoid", ops.hardsigmoid_op, input, (), inplace, "hardsigmoid_cpu")


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """``x`` times ``hardsigmoid(x)``."""
    return _apply("hardswish", ops.hardswish_op, input, (), inplace, "hardswish_cpu")


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """``x`` above ``threshold``, else ``value``."""
    if input.dtype.category in (dt.BOOL, dt.COMPLEX):
        raise NotImplementedError(
            f'"threshold_cpu" not implemented for {input.dtype.legacy!r}. Convert first: .float()'
        )
    if inplace:
        return in_place(input, ops.threshold_op, (threshold, value), {}, "threshold_")
    return ops.threshold_op(input, threshold, value)


def threshold_(input: Tensor, threshold: float, value: float) -> Tensor:
    """In-place ``threshold``."""
    return in_place(input, ops.threshold_op, (threshold, value), {}, "threshold_")


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """Moved towards 0 by ``lambd``; 0 for what is nearer."""
    _floating(input, "softshrink_check")
    if lambd < 0:
        raise RuntimeError(
            f"lambda must be in range [0, {dt.finfo(input.dtype).max:g}] for input dtype {input.dtype.legacy}, but "
            f"found {lambd:g}"
        )
    return ops.softshrink_op(input, lambd)


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """0 for what is nearer to 0 than ``lambd``, else unchanged."""
    _floating(input, "hardshrink_cpu")
    return ops.hardshrink_op(input, lambd)


def tanhshrink(input: Tensor) -> Tensor:
    """``x - tanh(x)``."""
    return input - input.tanh()  # type: ignore[attr-defined]


def softsign(input: Tensor) -> Tensor:
    """``x / (1 + |x|)``."""
    return input / (input.abs() + 1)  # type: ignore[attr-defined]


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """``x`` above 0, ``weight`` times it below; ``weight`` has one entry, or one for each channel."""
    if not (isinstance(input, Tensor) and isinstance(weight, Tensor)):
        not_tensors("prelu", input=input, weight=weight)
    n, ndim = weight._a.size, input._a.ndim
    if weight.dtype is not input.dtype:
        raise RuntimeError(
            f"prelu: Type promoting not supported. Got {input.dtype.legacy} and {weight.dtype.legacy}"
        )
    _floating(input, "prelu_cpu")
    if n != 1:
        if ndim == 0:
            raise RuntimeError("Not allow zero-dim input tensor.")
        channels = input._a.shape[1] if ndim >= 2 else 1
        if channels != n:
            raise RuntimeError(
                f"Mismatch of parameter numbers and input channel size. Found parameter numbers = {n} and channel "
                f"size = {channels}."
            )
    if weight._a.ndim > 1:
        raise RuntimeError(
            f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight._a.ndim}"
        )
    if ndim >= 2:
        weight = weight.reshape(1, n, *(1,) * (ndim - 2))  # type: ignore[attr-defined]
    elif weight._a.ndim != ndim:
        weight = weight.reshape((n,) * ndim)  # type: ignore[attr-defined]
    return ops.prelu_op(input, weight)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """The first half along ``dim`` times the sigmoid of the second."""
    if not isinstance(input, Tensor):
        not_tensors("glu", "dim", input=input)
    if input._a.ndim == 0:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    d = wrap_dim(dim, input._a.ndim)
    n = input._a.shape[d]
    if n % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {d} is size {n}")
    _floating(input, "glu_cpu")
    return ops.glu_op(input, d)


def _softmax_dim(name: str, ndim: int) -> int:
    warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
    )
    return 0 if ndim in (0, 1, 3) else 1


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """Exponentials along ``dim``, scaled to add up to 1."""
    if dim is None:
        dim = _softmax_dim("softmax", input._a.ndim)
    return _softmax(input, dim, dtype)


def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """``softmax(-x)``."""
    if dim is None:
        dim = _softmax_dim("softmin", input._a.ndim)
    return _softmax(-input, dim, dtype)  # type: ignore[operator]


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """The logarithm of ``softmax``, without overflow."""
    if dim is None:
        dim = _softmax_dim("log_softmax", input._a.ndim)
    return _log_softmax(input, dim, dtype)


def gumbel_softmax(
    logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Tensor:
    """A differentiable draw from categories with these unnormalised log probabilities.

    ``hard``: one-hot values with the soft gradient. Source: Jang et al. 2016, Maddison et al. 2016.
    """
    if eps != 1e-10:
        warn("`eps` parameter is deprecated and has no effect.")
    noise = -logits.detach().clone().exponential_().log()  # type: ignore[attr-defined]
    soft = _softmax((logits + noise) / tau, dim)  # type: ignore[operator]
    if not hard:
        return soft
    index = soft.detach().max(dim, keepdim=True)[1]  # type: ignore[attr-defined]
    one_hot = (index == index.new_tensor(list(range(logits._a.shape[dim]))).reshape(
        [-1 if k == wrap_dim(dim, logits._a.ndim) else 1 for k in range(logits._a.ndim)])).to(logits.dtype)  # fmt: skip
    return one_hot - soft.detach() + soft
