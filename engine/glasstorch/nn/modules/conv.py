"""Convolution layers."""

from __future__ import annotations

import math
from typing import Any

from ...core.tensor import Tensor
from ...ops import create
from .. import functional as F
from .. import init
from ..parameter import Parameter
from .module import Module
from .utils import _pair, _reverse_repeat_tuple, _single, _triple


class _ConvNd(Module):
    """What all convolutions share: settings, parameters, their first values, and the text of ``repr``."""

    bias: Tensor | None
    padding: Any

    def __init__(self, in_channels: int, out_channels: int, kernel_size: tuple, stride: tuple, padding: Any,
                 dilation: tuple, transposed: bool, output_padding: tuple, groups: int, bias: bool,
                 padding_mode: str, device: Any = None, dtype: Any = None) -> None:  # fmt: skip
        super().__init__()
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups:
            raise ValueError("out_channels must be divisible by groups")
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                raise ValueError(f"Invalid padding string {padding!r}, should be one of {{'valid', 'same'}}")
            if padding == "same" and any(s != 1 for s in stride):
                raise ValueError("padding='same' is not supported for strided convolutions")
        if padding_mode not in ("zeros", "reflect", "replicate", "circular"):
            raise ValueError(
                "padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, but got "
                f"padding_mode={padding_mode!r}"
            )
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size, self.stride, self.padding, self.dilation = kernel_size, stride, padding, dilation
        self.transposed, self.output_padding, self.groups, self.padding_mode = (
            transposed,
            output_padding,
            groups,
            padding_mode,
        )
        self._reversed_padding_repeated_twice = self._border()
        channels = (
            (in_channels, out_channels // groups) if transposed else (out_channels, in_channels // groups)
        )
        self.weight = Parameter(create.empty((*channels, *kernel_size), device=device, dtype=dtype))
        if bias:
            self.bias = Parameter(create.empty(out_channels, device=device, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def _border(self) -> list[int]:
        """The padding as ``functional.pad`` takes it, for the modes that pad before convolving."""
        if not isinstance(self.padding, str):
            return list(_reverse_repeat_tuple(self.padding, 2))
        out: list[int] = []
        for d, k in zip(reversed(self.dilation), reversed(self.kernel_size), strict=True):
            total = d * (k - 1) if self.padding == "same" else 0
            out += [total // 2, total - total // 2]
        return out

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in = init._fans(self.weight)[0]
            if fan_in:
                bound = 1 / math.sqrt(fan_in)
                init.uniform_(self.bias, -bound, bound)

    def _padded(self, input: Tensor) -> tuple[Tensor, Any]:
        """The input and the padding that is left to do."""
        if self.padding_mode == "zeros":
            return input, self.padding
        border = F.pad(input, self._reversed_padding_repeated_twice, mode=self.padding_mode)
        return border, (0,) * len(self.kernel_size)

    def extra_repr(self) -> str:
        n = len(self.padding) if not isinstance(self.padding, str) else 0
        out = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        if self.padding != (0,) * n:
            out += f", padding={self.padding}"
        if self.dilation != (1,) * len(self.dilation):
            out += f", dilation={self.dilation}"
        if self.output_padding != (0,) * len(self.output_padding):
            out += f", output_padding={self.output_padding}"
        if self.groups != 1:
            out += f", groups={self.groups}"
        if self.bias is None:
            out += ", bias=False"
        if self.padding_mode != "zeros":
            out += f", padding_mode={self.padding_mode}"
        return out

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self.__dict__.setdefault("padding_mode", "zeros")


class _Conv(_ConvNd):
    """``Conv1d``, ``Conv2d`` and ``Conv3d``, which differ in the number of dimensions and their function."""

    _tuple = staticmethod(_pair)
    _function: Any

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0,
                 dilation: Any = 1, groups: int = 1, bias: bool = True, padding_mode: str = "zeros", device: Any = None,
                 dtype: Any = None) -> None:  # fmt: skip
        t = self._tuple
        super().__init__(
            in_channels, out_channels, t(kernel_size), t(stride), padding if isinstance(padding, str) else t(padding),
            t(dilation), False, t(0), groups, bias, padding_mode, device, dtype,
        )  # fmt: skip

    def forward(self, input: Tensor) -> Tensor:
        x, padding = self._padded(input)
        return self._function(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv1d(_Conv):
    """Slide ``out_channels`` windows of ``kernel_size`` over (N, C, L) or (C, L); see ``Conv2d``."""

    _tuple, _function = staticmethod(_single), staticmethod(F.conv1d)


class Conv2d(_Conv):
    """Slide ``out_channels`` windows of ``kernel_size`` over (N, C, H, W) or (C, H, W).

    ``padding``: a length, one for each dimension, "same" or "valid"; ``padding_mode``: "zeros", "reflect",
    "replicate" or "circular"; ``groups``: channels are split and convolved group by group.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
    """

    _tuple, _function = staticmethod(_pair), staticmethod(F.conv2d)


class Conv3d(_Conv):
    """Slide ``out_channels`` windows of ``kernel_size`` over (N, C, D, H, W) or (C, D, H, W); see ``Conv2d``."""

    _tuple, _function = staticmethod(_triple), staticmethod(F.conv3d)


class _ConvTransposeNd(_ConvNd):
    """What the transposed convolutions share."""

    _tuple = staticmethod(_pair)
    _function: Any

    def _output_padding(self, input: Tensor, output_size: Any) -> tuple[int, ...]:
        """How much to add at the far end to reach ``output_size``."""
        if output_size is None:
            return _single(self.output_padding)
        n = len(self.kernel_size)
        size = output_size[-n:] if len(output_size) in (n + 1, n + 2) else output_size
        if len(size) != n:
            raise ValueError(
                f"ConvTranspose{n}D: for {input._a.ndim}D input, output_size must have {n} or {n + 2} elements (got "
                f"{len(output_size)})"
            )
        smallest = [
            (m - 1) * s - 2 * p + d * (k - 1) + 1
            for m, s, p, d, k in zip(
                input._a.shape[-n:], self.stride, self.padding, self.dilation, self.kernel_size, strict=True
            )
        ]
        largest = [m + s - 1 for m, s in zip(smallest, self.stride, strict=True)]
        if any(not a <= m <= b for m, a, b in zip(size, smallest, largest, strict=True)):
            raise ValueError(
                f"requested an output size of {size}, but valid sizes range from {smallest} to {largest} (for an "
                f"input of {input.shape[2:]!r})"
            )
        return tuple(m - a for m, a in zip(size, smallest, strict=True))

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0,
                 output_padding: Any = 0, groups: int = 1, bias: bool = True, dilation: Any = 1,
                 padding_mode: str = "zeros", device: Any = None, dtype: Any = None) -> None:  # fmt: skip
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        t = self._tuple
        super().__init__(
            in_channels, out_channels, t(kernel_size), t(stride), t(padding), t(dilation), True, t(output_padding),
            groups, bias, padding_mode, device, dtype,
        )  # fmt: skip

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        more = self._output_padding(input, output_size)
        return self._function(
            input, self.weight, self.bias, self.stride, self.padding, more, self.groups, self.dilation
        )


class ConvTranspose1d(_ConvTransposeNd):
    """The transpose of a convolution, over (N, C, L) or (C, L); see ``ConvTranspose2d``."""

    _tuple, _function = staticmethod(_single), staticmethod(F.conv_transpose1d)


class ConvTranspose2d(_ConvTransposeNd):
    """The transpose of a convolution, over (N, C, H, W) or (C, H, W): spread a window from every element.

    ``output_padding``: extra length at the far end, or give ``output_size`` when calling.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
    """

    _tuple, _function = staticmethod(_pair), staticmethod(F.conv_transpose2d)


class ConvTranspose3d(_ConvTransposeNd):
    """The transpose of a convolution, over (N, C, D, H, W) or (C, D, H, W); see ``ConvTranspose2d``."""

    _tuple, _function = staticmethod(_triple), staticmethod(F.conv_transpose3d)
