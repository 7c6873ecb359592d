"""The blocks of EfficientNet and their numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ... import nn
from ...core.tensor import Tensor
from ..ops.misc import Conv2dNormActivation, SqueezeExcitation
from ..ops.stochastic_depth import StochasticDepth
from ._utils import _make_divisible


@dataclass
class _MBConvConfig:
    """One stage: how much wider its blocks are inside, their kernel, the first one's stride, channels, how many."""

    expand_ratio: float
    kernel: int
    stride: int
    input_channels: int
    out_channels: int
    num_layers: int
    block: Callable[..., nn.Module]

    @staticmethod
    def adjust_channels(channels: int, width_mult: float, min_value: int | None = None) -> int:
        """``channels * width_mult``, rounded to a multiple of 8."""
        return _make_divisible(channels * width_mult, 8, min_value)


class MBConvConfig(_MBConvConfig):
    """A stage of ``MBConv`` blocks; ``width_mult`` multiplies its channels, ``depth_mult`` the number of blocks."""

    def __init__(
        self,
        expand_ratio: float,
        kernel: int,
        stride: int,
        input_channels: int,
        out_channels: int,
        num_layers: int,
        width_mult: float = 1.0,
        depth_mult: float = 1.0,
        block: Callable[..., nn.Module] | None = None,
    ) -> None:
        input_channels = self.adjust_channels(input_channels, width_mult)
        out_channels = self.adjust_channels(out_channels, width_mult)
        num_layers = self.adjust_depth(num_layers, depth_mult)
        super().__init__(
            expand_ratio, kernel, stride, input_channels, out_channels, num_layers, block or MBConv
        )

    @staticmethod
    def adjust_depth(num_layers: int, depth_mult: float) -> int:
        """``num_layers * depth_mult``, rounded up."""
        return math.ceil(num_layers * depth_mult)


class FusedMBConvConfig(_MBConvConfig):
    """A stage of ``FusedMBConv`` blocks."""

    def __init__(
        self,
        expand_ratio: float,
        kernel: int,
        stride: int,
        input_channels: int,
        out_channels: int,
        num_layers: int,
        block: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__(
            expand_ratio, kernel, stride, input_channels, out_channels, num_layers, block or FusedMBConv
        )


class _Residual(nn.Module):
    """What both kinds of block share: the input is added where it fits, and some rows go without the block."""

    activation_layer: Callable[..., nn.Module] = nn.SiLU

    def __init__(self, cnf: _MBConvConfig, stochastic_depth_prob: float, layers: Sequence[nn.Module]) -> None:
        super().__init__()
        if cnf.stride not in (1, 2):
            raise ValueError("illegal stride value")
        self.use_res_connect = cnf.stride == 1 and cnf.input_channels == cnf.out_channels
        self.block = nn.Sequential(*layers)
        self.stochastic_depth = StochasticDepth(stochastic_depth_prob, "row")
        self.out_channels = cnf.out_channels

    def forward(self, input: Tensor) -> Tensor:
        result = self.block(input)
        if self.use_res_connect:
            result = self.stochastic_depth(result)
            result += input
        return result


class MBConv(_Residual):
    """Widen by 1 by 1, filter each channel by itself, weigh the channels, narrow by 1 by 1.

    Args:
        cnf: the block's numbers.
        stochastic_depth_prob: the probability that a row of a batch goes without the block, in training.
        norm_layer: called with the number of channels.
        se_layer: called with the channels in between and the squeezed ones; None leaves it out.

    A subclass may set ``activation_layer``.
    """

    def __init__(
        self,
        cnf: MBConvConfig,
        stochastic_depth_prob: float,
        norm_layer: Callable[..., nn.Module],
        se_layer: Callable[..., nn.Module] | None = SqueezeExcitation,
    ) -> None:
        width = cnf.adjust_channels(cnf.input_channels, cnf.expand_ratio)
        conv = partial(Conv2dNormActivation, norm_layer=norm_layer, activation_layer=self.activation_layer)
        layers: list[nn.Module] = []
        if width != cnf.input_channels:
            layers.append(conv(cnf.input_channels, width, 1))
        layers.append(conv(width, width, cnf.kernel, cnf.stride, groups=width))
        if se_layer is not None:
            squeezed = max(1, cnf.input_channels // 4)
            layers.append(se_layer(width, squeezed, activation=partial(nn.SiLU, inplace=True)))
        layers.append(conv(width, cnf.out_channels, 1, activation_layer=None))
        super().__init__(cnf, stochastic_depth_prob, layers)


class FusedMBConv(_Residual):
    """One full convolution in place of ``MBConv``'s first two, and no weighing: faster where there are few channels.

    Args:
        cnf: the block's numbers.
        stochastic_depth_prob: the probability that a row of a batch goes without the block, in training.
        norm_layer: called with the number of channels.
    """

    def __init__(
        self, cnf: FusedMBConvConfig, stochastic_depth_prob: float, norm_layer: Callable[..., nn.Module]
    ) -> None:
        width = cnf.adjust_channels(cnf.input_channels, cnf.expand_ratio)
        conv = partial(Conv2dNormActivation, norm_layer=norm_layer, activation_layer=self.activation_layer)
        if width == cnf.input_channels:
            layers = [conv(width, cnf.out_channels, cnf.kernel, cnf.stride)]
        else:
            widen = conv(cnf.input_channels, width, cnf.kernel, cnf.stride)
            layers = [widen, conv(width, cnf.out_channels, 1, activation_layer=None)]
        super().__init__(cnf, stochastic_depth_prob, layers)
