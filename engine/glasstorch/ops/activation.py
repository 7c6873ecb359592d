"""Activation functions, element by element."""

from __future__ import annotations

import math
from typing import Any

from .. import backends
from ..core.op import op


def _select(xp: Any, condition: Any, yes: Any, no: Any, like: Any) -> Any:
    return xp.where(condition, yes, no).astype(like.dtype, copy=False)


@op(wide=True, method=False, function=False, name="LeakyReluBackward0")
class leaky_relu_op:
    """``x`` above 0, a fraction of it below."""

    formula = r"\max(0, x) + a \min(0, x)"

    def forward(xp, input: Array, slope):
        return _select(xp, input > 0, input, input * slope, input)

    def d_input(F, g, input, slope):
        r"\bar y \odot (1 \text{ if } x > 0 \text{ else } a)"
        return F.depends(F.where(input > 0, g, g * slope), input)


@op(wide=True, method=False, function=False, name="EluBackward0")
class elu_op:
    """``scale x`` above 0, ``scale alpha (exp(x input_scale) - 1)`` below."""

    formula = r"s \cdot (x \text{ if } x > 0 \text{ else } \alpha (e^{t x} - 1))"

    def forward(xp, input: Array, alpha, scale, input_scale):
        low = xp.expm1(xp.minimum(input, 0) * input_scale) * (alpha * scale)
        return _select(xp, input > 0, input * scale if scale != 1 else input, low, input)

    def d_input(F, g, input, alpha, scale, input_scale):
        r"s\,\bar y \odot (1 \text{ if } x > 0 \text{ else } \alpha t e^{t x})"
        low = F.exp(F.clamp(input, None, 0.0) * input_scale) * (alpha * scale * input_scale)
        return F.where(input <= 0, g * low, g * scale)


@op(wide=True, method=False, function=False, name="SoftplusBackward0")
class softplus_op:
    """A smooth ``max(0, x)``; linear once ``beta x`` is above ``threshold``."""

    formula = r"\frac{1}{\beta} \log(1 + e^{\beta x})"

    def forward(xp, input: Array, beta, threshold):
        z = input * beta
        soft = (xp.log1p(xp.exp(-xp.abs(z))) + xp.maximum(z, 0)) / beta
        return _select(xp, z > threshold, input, soft, input)

    def d_input(F, g, input, beta, threshold):
        r"\bar y \odot \sigma(\beta x)"
        z = input * beta
        return F.where(z > threshold, g, g * F.sigmoid(z))


@op(wide=True, method=False, function=False, name="SiluBackward0")
class silu_op:
    """``x`` times its sigmoid."""

    formula = r"x \odot \sigma(x)"

    def forward(xp, input: Array):
        return input / (1 + xp.exp(-input))

    def d_input(F, g, input):
        r"\bar y \odot \sigma(x) (1 + x (1 - \sigma(x)))"
        s = F.sigmoid(input)
        return g * (s * (1 + input * (1 - s)))


@op(wide=True, method=False, function=False, name="MishBackward0")
class mish_op:
    """``x`` times the tanh of its softplus."""

    formula = r"x \odot \tanh(\log(1 + e^{x}))"

    def forward(xp, input: Array):
        soft = xp.log1p(xp.exp(-xp.abs(input))) + xp.maximum(input, 0)
        return input * xp.tanh(soft)

    def d_input(F, g, input):
        r"\bar y \odot (\tanh s + x\,\sigma(x)(1 - \tanh^2 s))"
        t = F.tanh(F.softplus(input, 1.0, 20.0))
        return g * (t + input * F.sigmoid(input) * (1 - t * t))


@op(wide=True, method=False, function=False, name="LogSigmoidBackward0")
class logsigmoid_op:
    """The logarithm of the sigmoid, without overflow."""

    formula = r"\log \sigma(x)"

    def forward(xp, input: Array):
        return xp.minimum(input, 0) - xp.log1p(xp.exp(-xp.abs(input)))

    def d_input(F, g, input):
        r"\bar y \odot \sigma(-x)"
        return g * F.sigmoid(-input)


@op(wide=True, method=False, function=False, name="HardtanhBackward0")
class hardtanh_op:
    """Cut off below ``low`` and above ``high``."""

    formula = r"\min(\max(x, a), b)"

    def forward(xp, input: Array, low, high):
        if input.dtype.kind in "iu":
            low, high = int(low), int(high)
        return xp.clip(input, low, high).astype(input.dtype, copy=False)

    def d_input(F, g, input, low, high):
        r"\bar y \odot \mathbb{1}[a < x < b]"
        return F.depends(F.where((input <= low) | (input >= high), 0, g), input)


@op(wide=True, method=False, function=False, name="HardsigmoidBackward0")
class hardsigmoid_op:
    """A sigmoid made of straight lines."""

    formula = r"\min(\max(x + 3, 0), 6) / 6"

    def forward(xp, input: Array):
        return (xp.clip(input + 3, 0, 6) / 6).astype(input.dtype, copy=False)

    def d_input(F, g, input):
        r"\bar y / 6 \odot \mathbb{1}[-3 < x < 3]"
        return F.depends(F.where((input > -3) & (input < 3), g / 6, 0), input)


@op(wide=True, method=False, function=False, name="HardswishBackward0")
class hardswish_op:
    """``x`` times a sigmoid made of straight lines."""

    formula = r"x \odot \min(\max(x + 3, 0), 6) / 6"

    def forward(xp, input: Array):
        return (input * xp.clip(input + 3, 0, 6) / 6).astype(input.dtype, copy=False)

    def d_input(F, g, input):
        r"\bar y \odot (0, \; \tfrac{x}{3} + \tfrac{1}{2}, \; 1)"
        return F.where(input <= -3, 0, F.where(input < 3, g * (input / 3 + 0.5), g))


@op(wide=True, method=False, function=False, name="ThresholdBackward0")
class threshold_op:
    """``x`` above the threshold, else ``value``."""

    formula = r"x \text{ if } x > t \text{ else } v"

    def forward(xp, input: Array, threshold, value):
        return _select(xp, input <= threshold, value, input, input)

    def d_input(F, g, input, threshold):
        r"\bar y \odot \mathbb{1}[x > t]"
        return F.depends(F.where(input <= threshold, 0, g), input)


@op(wide=True, method=False, function=False, name="SoftshrinkBackward0")
class softshrink_op:
    """Moved towards 0 by ``lambd``; 0 for what is nearer."""

    formula = r"\mathrm{sign}(x) \max(0, |x| - \lambda)"

    def forward(xp, input: Array, lambd):
        moved = xp.where(input > lambd, input - lambd, xp.where(input < -lambd, input + lambd, input * 0))
        return moved.astype(input.dtype, copy=False)

    def d_input(F, g, input, lambd):
        r"\bar y \odot \mathbb{1}[|x| > \lambda]"
        return F.depends(F.where((input >= -lambd) & (input <= lambd), 0, g), input)


@op(wide=True, method=False, function=False, name="HardshrinkBackward0")
class hardshrink_op:
    """0 for what is nearer to 0 than ``lambd``, else unchanged."""

    formula = r"x \odot \mathbb{1}[|x| > \lambda]"

    def forward(xp, input: Array, lambd):
        return _select(xp, (input >= -lambd) & (input <= lambd), 0, input, input)

    def d_input(F, g, input, lambd):
        r"\bar y \odot \mathbb{1}[|x| > \lambda]"
        return F.depends(F.where((input >= -lambd) & (input <= lambd), 0, g), input)


@op(wide=True, method=False, function=False, name="GluBackward0")
class glu_op:
    """The first half along ``dim`` times the sigmoid of the second."""

    formula = r"a \odot \sigma(b), \; x = [a, b]"

    def forward(xp, input: Array, dim):
        a, b = xp.split(input, 2, axis=dim)
        return a / (1 + xp.exp(-b))

    def d_input(F, g, input, dim):
        r"[\bar y \odot \sigma(b), \; \bar y \odot a \odot \sigma(b) (1 - \sigma(b))]"
        n = input.shape[dim] // 2
        a, s = F.narrow(input, dim, 0, n), F.sigmoid(F.narrow(input, dim, n, n))
        return F.cat([g * s, g * a * s * (1 - s)], dim)


@op(wide=True, method=False, function=False, name="PreluKernelBackward0")
class prelu_op:
    """``x`` above 0, ``weight`` times it below. ``weight`` already has a shape that broadcasts."""

    formula = r"\max(0, x) + w \min(0, x)"

    def forward(xp, input: Array, weight: Array):
        return xp.where(input > 0, input, input * weight)

    def d_input(F, g, input, weight):
        r"\bar y \odot (1 \text{ if } x > 0 \text{ else } w)"
        return F.depends(F.where(input > 0, g, g * weight), input)

    def d_weight(F, g, input, weight_shape):
        r"\sum \bar y \odot \min(0, x)"
        return F.depends(F.sum_to_size(F.where(input > 0, 0, g * input), weight_shape), input)


@op(wide=True, method=False, function=False, name="ErfBackward0")
class gauss_cdf:
    """The probability that a standard normal variable is below ``x``."""

    formula = r"\Phi(x) = \frac{1}{2} (1 + \mathrm{erf}(x / \sqrt 2))"

    def forward(xp, input: Array):
        half = input.dtype.type(0.5)
        return (backends.kernels(input).erf(input * input.dtype.type(math.sqrt(0.5))) + 1) * half

    def d_input(F, g, input):
        r"\bar y \odot \frac{e^{-x^2 / 2}}{\sqrt{2 \pi}}"
        return g * (F.exp(input * input * -0.5) * (1 / math.sqrt(2 * math.pi)))


@op(wide=True, method=False, function=False, name="GeluBackward0")
class gelu_op:
    """``x`` times the normal distribution function; ``approximate="tanh"`` takes a tanh for it."""

    formula = r"x \odot \Phi(x)"

    def forward(xp, input: Array, approximate):
        if approximate == "none":
            return input * gauss_cdf.op.forward(xp, input)
        half = input.dtype.type(0.5)
        return (xp.tanh(_gelu_inner(input)) + 1) * (input * half)

    def d_input(F, g, input, approximate):
        r"\bar y \odot (\Phi(x) + x\,\Phi'(x))"
        if approximate == "none":
            density = F.exp(input * input * -0.5) * (1 / math.sqrt(2 * math.pi))
            return g * (F.gauss_cdf(input) + input * density)
        t = F.tanh(_gelu_inner(input))
        slope = (input * input * (3 * 0.044715) + 1) * math.sqrt(2 / math.pi)
        return g * ((t + 1) * 0.5 + input * (1 - t * t) * slope * 0.5)


def _gelu_inner(x: Any) -> Any:
    return (x * x * x * 0.044715 + x) * math.sqrt(2 / math.pi)


@op(wide=True, method=False, function=False, name="RreluWithNoiseBackward0")
class rrelu_op:
    """``x`` times ``noise``: 1 above 0, a slope drawn for each element below."""

    formula = r"x \odot r"

    def forward(xp, input: Array, noise):
        return input * noise

    def d_input(F, g, input, noise):
        r"\bar y \odot r"
        return F.depends(g * F.constant(noise, g), input)
