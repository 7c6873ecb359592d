"""Convolutions whose kernels reach where they are told to. Source: https://arxiv.org/abs/1811.11168"""

from __future__ import annotations

import math
from typing import Any

from ... import nn
from ...core import dtype as dt
from ...core.mode import no_grad
from ...core.tensor import Tensor
from ...nn import init
from ...nn.modules.utils import _pair
from ...nn.parameter import Parameter
from ...ops.create import empty
from ...ops.points import take_points
from ...ops.ranges import arange


def deform_conv2d(
    input: Tensor,
    offset: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, int] = (1, 1),
    padding: int | tuple[int, int] = (0, 0),
    dilation: int | tuple[int, int] = (1, 1),
    mask: Tensor | None = None,
) -> Tensor:
    """A convolution in which each element of the kernel is moved by an offset of its own at every place.

    Between its elements the input is interpolated; outside it is 0.

    Args:
        input: (N, C, H, W).
        offset: (N, 2 * groups * kernel height * kernel width, out height, out width): down and to the right for each
            element of the kernel, in elements of the input. Each of the groups moves its own part of the channels.
        weight: (out channels, C / weight groups, kernel height, kernel width).
        bias: (out channels,).
        stride, padding, dilation: as for ``conv2d``.
        mask: (N, groups * kernel height * kernel width, out height, out width): a factor for each element.

    Returns (N, out channels, out height, out width).
    Source: https://pytorch.org/vision/stable/generated/torchvision.ops.deform_conv2d.html
    """
    n, channels, height, width = input.shape
    kernel = _pair(tuple(weight.shape[-2:]))
    groups = offset.shape[1] // (2 * kernel[0] * kernel[1])
    if groups == 0:
        raise RuntimeError(
            "the shape of the offset tensor at dimension 1 is not valid. It should be a multiple of 2 * weight.size[2] "
            f"* weight.size[3].\nGot offset.shape[1]={offset.shape[1]}, while 2 * weight.size[2] * weight.size[3]="
            f"{2 * kernel[0] * kernel[1]}"
        )
    steps, pads, gaps = _pair(stride), _pair(padding), _pair(dilation)
    out = [
        (size + 2 * pad - (gap * (k - 1) + 1)) // step + 1
        for size, k, step, pad, gap in zip((height, width), kernel, steps, pads, gaps, strict=True)
    ]
    _check(input, offset, weight, mask, groups, out)
    # Where each element of the kernel lies at each place, before and after it is moved
    down, right = (
        _places(o, step, pad, gap, k, offset)
        for o, step, pad, gap, k in zip(out, steps, pads, gaps, kernel, strict=True)
    )
    moves: Any = offset.reshape(n, groups, *kernel, 2, *out)
    y = moves[:, :, :, :, 0] + down[:, None, :, None]
    x = moves[:, :, :, :, 1] + right[None, :, None, :]
    values = _interpolated(input.reshape(n, groups, channels // groups, height, width), y, x)
    if mask is not None:
        values = values * mask.reshape(n, groups, 1, *kernel, *out)
    parts = channels // weight.shape[1]
    blocks = values.reshape(n, parts, -1, out[0] * out[1])
    rows: Any = weight.reshape(parts, weight.shape[0] // parts, -1)
    result = (rows @ blocks).reshape(n, weight.shape[0], *out)
    return result if bias is None else result + bias.reshape(1, -1, 1, 1)


def _places(out: int, step: int, pad: int, gap: int, kernel: int, like: Any) -> Any:
    """Where the elements of the kernel lie along one dimension: (kernel, out)."""
    starts: Any = arange(out, dtype=like.dtype, device=like.device) * step - pad
    return starts + (arange(kernel, dtype=like.dtype, device=like.device) * gap)[:, None]


def _interpolated(images: Any, y: Any, x: Any) -> Any:
    """Images (N, groups, C, H, W) between their elements, at points (N, groups, *points): (N, groups, C, *points)."""
    height, width = images.shape[-2:]
    n, groups, channels = images.shape[:3]
    with no_grad():
        top, left = y.floor(), x.floor()
    below, beside = y - top, x - left
    result: Any = 0
    for row, row_share in ((top, 1 - below), (top + 1, below)):
        for column, column_share in ((left, 1 - beside), (left + 1, beside)):
            with no_grad():
                inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
                at = (row.clamp(0, height - 1) * width + column.clamp(0, width - 1)).to(dt.int64)
            share = (row_share * column_share * inside).unsqueeze(2)
            flat = at.reshape(n, groups, 1, -1).expand(n, groups, channels, at[0, 0].numel())
            values = take_points(images.reshape(n, groups, channels, -1), flat._a, 1)
            result = result + values.reshape(n, groups, channels, *at.shape[2:]) * share
    return result


def _check(input: Any, offset: Any, weight: Any, mask: Any, groups: int, out: list[int]) -> None:
    n, channels = input.shape[:2]
    taps = groups * weight.shape[2] * weight.shape[3]
    for name, given, wanted in (("offset", offset, 2 * taps), ("mask", mask, taps)):
        if given is None:
            continue
        if given.shape[1] != wanted:
            raise RuntimeError(f"{name}.shape[1] is not valid: got: {given.shape[1]} expected: {wanted}")
    if weight.shape[1] * (channels // weight.shape[1]) != channels:
        raise RuntimeError(
            f"The input's {channels} channels are no multiple of the weight's {weight.shape[1]}."
        )
    if weight.shape[0] % (channels // weight.shape[1]):
        raise RuntimeError(
            f"The weight's {weight.shape[0]} output channels cannot be shared by {channels // weight.shape[1]} groups."
        )
    if channels % groups:
        raise RuntimeError(f"The input's {channels} channels cannot be shared by {groups} groups of offsets.")
    for name, given in (("offset", offset), ("mask", mask)):
        if given is None:
            continue
        if given.shape[0] != n:
            raise RuntimeError(f"invalid batch size of {name}")
        if list(given.shape[2:]) != out:
            raise RuntimeError(
                f"{name} output dims: ({given.shape[2]}, {given.shape[3]}) - computed output dims: ({out[0]}, {out[1]})"
            )
    if min(out) <= 0:
        raise RuntimeError(f"Calculated output size too small - out_h: {out[0]} out_w: {out[1]}")


class DeformConv2d(nn.Module):
    """``deform_conv2d`` as a layer, called with the input, the offsets and, if wanted, the mask.

    Args:
        in_channels, out_channels: channels before and after.
        kernel_size, stride, padding, dilation: as for ``Conv2d``.
        groups: blocks of channels that do not see each other.
        bias: is one learned?
    """

    weight: Any
    bias: Any

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if in_channels % groups != 0:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups != 0:
            raise ValueError("out_channels must be divisible by groups")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride = _pair(kernel_size), _pair(stride)
        self.padding, self.dilation = _pair(padding), _pair(dilation)
        self.weight = Parameter(empty(out_channels, in_channels // groups, *self.kernel_size))
        if bias:
            self.bias = Parameter(empty(out_channels))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """New random parameters, as ``Conv2d`` has them."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.weight[0].numel())
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Tensor, offset: Tensor, mask: Tensor | None = None) -> Tensor:
        return deform_conv2d(
            input, offset, self.weight, self.bias, self.stride, self.padding, self.dilation, mask
        )

    def __repr__(self) -> str:
        parts = [f"{self.in_channels}", f"{self.out_channels}", f"kernel_size={self.kernel_size}"]
        parts.append(f"stride={self.stride}")
        parts += [f"padding={self.padding}"] if self.padding != (0, 0) else []
        parts += [f"dilation={self.dilation}"] if self.dilation != (1, 1) else []
        parts += [f"groups={self.groups}"] if self.groups != 1 else []
        parts += ["bias=False"] if self.bias is None else []
        return f"{type(self).__name__}({', '.join(parts)})"
