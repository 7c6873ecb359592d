"""Quantizing tensors, and the products of quantized layers.

``quantize_per_tensor`` and its relatives give a ``QuantizedTensor`` of integers; ``fake_quantize_per_tensor_affine``
rounds a tensor to the same real numbers and lets gradients through; ``dynamic_linear`` is what quantized layers
compute.
Source: https://pytorch.org/docs/stable/quantization.html
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from ..backends import int8
from ..core import dtype as dt
from ..core.forms import public
from ..core.op import op
from ..core.quantized import QuantizedTensor, qint8, qint32, quantized_dtype, quint8
from ..core.refusals import need_tensor
from ..core.tensor import Tensor, wrap


# ---------------------------------------------------------------------- tensors to quantized tensors
def _float_on_cpu(name: str, input: Any, dtype: Any) -> np.ndarray:
    """The numbers to quantize; an error for what cannot be."""
    if isinstance(input, QuantizedTensor):
        raise RuntimeError(f"{name}(): the tensor is quantized already; quantize input.dequantize()")
    need_tensor(name, "input", 1, input)
    if not isinstance(dtype, quantized_dtype):
        raise RuntimeError(
            f"{name}(): dtype must be torch.qint8, torch.quint8 or torch.qint32, got {dtype!r}"
        )
    if input.dtype is not dt.float32:
        raise RuntimeError(
            f"Quantize only works on Float Tensor, got {input.dtype.legacy}. Convert it: input.float()"
        )
    if input.device.type != "cpu":
        raise RuntimeError(f"{name}(): quantized tensors live on the CPU; move it there: input.cpu()")
    return input._a


def _in_limits(name: str, zero_points: Any, dtype: quantized_dtype) -> None:
    low, high = dtype.limits
    if np.any(np.asarray(zero_points) < low) or np.any(np.asarray(zero_points) > high):
        raise RuntimeError(f"{name}(): zero_point must be from {low} to {high} for {dtype!r}")


def _packed(q: np.ndarray, dtype: quantized_dtype, *parameters: Any) -> QuantizedTensor:
    return QuantizedTensor(wrap(q.astype(dt.numpy_dtype(dtype.holds))), dtype, *parameters)


@public
def quantize_per_tensor(
    input: Tensor, scale: Any, zero_point: Any, dtype: quantized_dtype
) -> QuantizedTensor:
    """quantize_per_tensor(input, scale, zero_point, dtype) -> QuantizedTensor

    Integers ``q = clip(round(input / scale + zero_point))`` that stand for ``(q - zero_point) * scale``; halves are
    rounded to the even neighbour. ``input``: float32. ``dtype``: torch.qint8, torch.quint8 or torch.qint32.
    Source: https://pytorch.org/docs/stable/generated/torch.quantize_per_tensor.html
    """
    a = _float_on_cpu("quantize_per_tensor", input, dtype)
    scale, zero_point = float(scale), int(zero_point)
    _in_limits("quantize_per_tensor", zero_point, dtype)
    # PyTorch's kernels round product and sum at once for 8 bits, one after the other for 32.
    q = int8.quantize(np, a, np.float32(scale), zero_point, *dtype.limits, fused=dtype is not qint32)
    return _packed(q, dtype, scale, zero_point)


@public
def quantize_per_tensor_dynamic(input: Tensor, dtype: quantized_dtype, reduce_range: bool) -> QuantizedTensor:
    """quantize_per_tensor_dynamic(input, dtype, reduce_range) -> QuantizedTensor

    As ``quantize_per_tensor``, with the scale and the zero point that just cover the tensor's own range.
    ``dtype``: torch.qint8 or torch.quint8. ``reduce_range``: use 7 of the 8 bits.
    """
    a = _float_on_cpu("quantize_per_tensor_dynamic", input, dtype)
    if dtype not in (qint8, quint8):
        raise RuntimeError("quantize_per_tensor_dynamic(): dtype must be torch.quint8 or torch.qint8")
    low, high = (float(a.min()), float(a.max())) if a.size else (0.0, 0.0)
    if not np.isfinite(high - low):
        raise ValueError(
            "quantize_per_tensor_dynamic(): the range of a tensor with nan or infinity is unknown"
        )
    qmin, qmax = dtype.limits
    scale, zero_point = int8.parameters(
        low, high, *((qmin // 2, qmax // 2) if reduce_range else (qmin, qmax))
    )
    return quantize_per_tensor(input, scale, zero_point, dtype)


@public
def quantize_per_channel(
    input: Tensor, scales: Tensor, zero_points: Tensor, axis: int, dtype: quantized_dtype
) -> QuantizedTensor:
    """quantize_per_channel(input, scales, zero_points, axis, dtype) -> QuantizedTensor

    As ``quantize_per_tensor``, with a scale and a zero point for each index of the dimension ``axis``.
    Source: https://pytorch.org/docs/stable/generated/torch.quantize_per_channel.html
    """
    a = _float_on_cpu("quantize_per_channel", input, dtype)
    scales, zero_points = scales.double(), zero_points.long()  # type: ignore[attr-defined]
    if not 0 <= axis < a.ndim:
        raise RuntimeError(f"quantize_per_channel(): axis must be from 0 to {a.ndim - 1}, got {axis}")
    if scales._a.shape != (a.shape[axis],) or zero_points._a.shape != scales._a.shape:
        raise RuntimeError(
            f"quantize_per_channel(): scales and zero_points must have one number for each of the {a.shape[axis]} "
            f"indices of dimension {axis}, got shapes {tuple(scales._a.shape)} and {tuple(zero_points._a.shape)}"
        )
    _in_limits("quantize_per_channel", zero_points._a, dtype)
    along = (-1,) + (1,) * (a.ndim - 1 - axis)
    q = int8.quantize(np, a, scales._a.astype(np.float32).reshape(along), zero_points._a.reshape(along), *dtype.limits,
                      fused=False)  # fmt: skip
    return _packed(q, dtype, scales, zero_points, axis)


# ---------------------------------------------------------------------- rounding that learns
@op(method=False, function=False, name="FakeQuantizePerTensorAffineCachemaskBackward0")
class fake_quantize:
    """Round to what integers with this scale could say, and stay a real number."""

    formula = r"(\min(\max(\lfloor x / s \rceil + z,\; q_{\min}),\; q_{\max}) - z) \cdot s"
    keeps = ("inside",)

    def forward(xp, input: Array, scale, zero_point, quant_min, quant_max):
        x = dt.in_float32(input)
        q = xp.rint(x * x.dtype.type(np.float32(1) / np.float32(scale))) + zero_point
        inside = (q >= quant_min) & (q <= quant_max)
        steps = xp.fmin(xp.fmax(q, quant_min), quant_max) - zero_point
        # Scaled back in float32, as in PyTorch, whatever the input's type.
        return (steps.astype(xp.float32) * np.float32(scale)).astype(input.dtype), (inside,)

    def d_input(F, g, inside):
        r"\bar y \cdot [q_{\min} \le \lfloor x / s \rceil + z \le q_{\max}]"
        return g * inside


@public
def fake_quantize_per_tensor_affine(
    input: Tensor, scale: Any, zero_point: Any, quant_min: int, quant_max: int
) -> Tensor:
    """fake_quantize_per_tensor_affine(input, scale, zero_point, quant_min, quant_max) -> Tensor

    The real numbers that ``input`` becomes by quantizing and going back, so that a network can learn to live with the
    rounding. The gradient is that of the identity where the integer lies within the limits ("straight through"), and
    zero outside: the true derivative of a rounding would be zero everywhere and teach nothing.
    Source: https://pytorch.org/docs/stable/generated/torch.fake_quantize_per_tensor_affine.html
    """
    need_tensor("fake_quantize_per_tensor_affine", "input", 1, input)
    if not input.dtype.is_floating_point:
        raise RuntimeError(
            f"fake_quantize_per_tensor_affine(): input must be a floating tensor, got {input.dtype!r}"
        )
    if quant_min > quant_max:
        raise RuntimeError("`quant_min` should be less than or equal to `quant_max`.")
    if not quant_min <= int(zero_point) <= quant_max:
        raise RuntimeError("`zero_point` must be between `quant_min` and `quant_max`.")
    return fake_quantize(input, float(scale), int(zero_point), quant_min, quant_max)


# ---------------------------------------------------------------------- the product of quantized layers
@op(method=False, function=False, name="DynamicLinearBackward0")
class quantized_linear:
    """A linear layer on integers: the input is quantized to its own range, the weight (N, K) was long ago."""

    formula = r"s_x\, s_W\, (X_q - z)\, W_q^{\top} + b, \quad X_q = \lfloor X / s_x \rceil + z"

    def forward(xp, input: Array, weight: Array, scale: Array, bias: Array | None, reduce_range):
        q, step = int8.quantize_range(xp, input, reduce_range)
        terms = int8.EXACT_TERMS if reduce_range else int8.EXACT_TERMS // 2
        sums = int8.product(xp, q.reshape(-1, input.shape[-1]), weight, terms)
        out = int8.rescale(xp, sums, xp.float32(step) * scale, bias)
        return out.reshape(*input.shape[:-1], len(weight))

    def d_input(F, g):
        r"\text{none}"
        _not_for_training()


def _not_for_training() -> NoReturn:
    raise RuntimeError(
        "a dynamically quantized layer has no derivative: it is for inference. Train the float model and quantize it "
        "afterwards, or call the quantized one under torch.no_grad()"
    )


def dynamic_linear(
    input: Tensor, weight: QuantizedTensor, bias: Tensor | None, reduce_range: bool = True, ints: Any = None
) -> Tensor:
    """``input`` (*, K) times ``weight`` (N, K) plus ``bias`` (N), with the input quantized on the fly: (*, N), float32.

    ``reduce_range``: quantize the input to 7 bits, as PyTorch does on x86, where a sum of two products of 8-bit numbers
    would not fit 16 bits. ``ints``: the weight's integers as float32, for who multiplies with them many times.
    """
    need_tensor("dynamic_linear", "input", 1, input)
    if input.dtype is not dt.float32:
        raise RuntimeError(
            f"expected scalar type Float but found {input.dtype.legacy}: quantized layers take float32 (input.float())"
        )
    if input.device.type != "cpu":
        raise RuntimeError(
            "dynamically quantized layers compute on the CPU: move the input there (input.cpu())"
        )
    if input._a.ndim < 2:
        raise RuntimeError(
            "The dimension of input tensor should be larger than or equal to 2: give a single example a batch "
            "dimension (input.unsqueeze(0))"
        )
    if input._a.shape[-1] != weight._ints._a.shape[1]:
        raise RuntimeError(
            f"the last dimension of the input ({input._a.shape[-1]}) must be the layer's number of inputs "
            f"({weight._ints._a.shape[1]})"
        )
    ints = weight._ints if ints is None else ints
    return quantized_linear(input, ints, weight._factor, bias, reduce_range)
