"""Convolution of 1, 2 and 3 dimensions, and its transpose.

``conv``, ``conv_transposed`` and ``conv_weight`` are each linear in two tensors and are each other's derivatives,
so gradients of any order come from these three.
"""

from __future__ import annotations

from typing import Any

from .. import backends
from ..backends.windows import Geometry
from ..core.op import op


def _run(name: str, *args: Any) -> Any:
    return getattr(backends.kernels(args[0]), name)(*args)


@op(name="ConvolutionBackward0", method=False, function=False)
class conv_op:
    """Slide ``weight`` (O, C / groups, *kernel) over ``input`` (N, C, *spatial)."""

    formula = r"x \star w + b"

    def forward(xp, input: Array, weight: Array, bias: Array | None, geometry):
        return _run("conv_forward", input, weight, bias, geometry)

    def d_input(F, g, input_shape, weight, geometry):
        r"\bar y \star^{\top} w"
        return F.conv_transposed(g, weight, None, tuple(input_shape[2:]), geometry)

    def d_weight(F, g, input, weight_shape, geometry):
        r"x \star \bar y"
        return F.conv_weight(input, g, tuple(weight_shape[2:]), geometry)

    def d_bias(F, g):
        r"\sum_{n, p} \bar y_{n, :, p}"
        return F.sum(g, (0, *range(2, len(g.shape))), False)


@op(name="ConvolutionBackward0", method=False, function=False)
class conv_transposed:
    """The transpose of a convolution over images of spatial size ``size``: spread ``weight`` from each element."""

    formula = r"x \star^{\top} w + b"

    def forward(xp, input: Array, weight: Array, bias: Array | None, size, geometry):
        out = _run("conv_input_gradient", input, weight, size, geometry)
        if bias is not None:
            out += bias.reshape(-1, *(1,) * len(size))
        return out

    def d_input(F, g, weight, geometry):
        r"\bar y \star w"
        return F.conv(g, weight, None, geometry)

    def d_weight(F, g, input, weight_shape, geometry):
        r"\bar y \star x"
        return F.conv_weight(g, input, tuple(weight_shape[2:]), geometry)

    def d_bias(F, g):
        r"\sum_{n, p} \bar y_{n, :, p}"
        return F.sum(g, (0, *range(2, len(g.shape))), False)


@op(name="ConvolutionBackwardBackward0", method=False, function=False)
class conv_weight:
    """The weight whose convolution with ``input`` correlates with ``grad``: the gradient of a weight."""

    formula = r"x \star \bar y"

    def forward(xp, input: Array, grad: Array, kernel, geometry):
        return _run("conv_weight_gradient", input, grad, kernel, geometry)

    def d_input(F, g, input_shape, grad, geometry):
        r"\bar y \star^{\top} \bar w"
        return F.conv_transposed(grad, g, None, tuple(input_shape[2:]), geometry)

    def d_grad(F, g, input, geometry):
        r"x \star \bar w"
        return F.conv(input, g, None, geometry)


__all__ = ["Geometry", "conv_op", "conv_transposed", "conv_weight"]
