"""MobileNet V2: wide in between, narrow where blocks meet. Source: https://arxiv.org/abs/1801.04381"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ... import nn
from ...core.tensor import Tensor
from ...nn import functional as F
from ...ops.shape import flatten
from ..ops.misc import Conv2dNormActivation
from ._api import WeightsEnum, published, register_model
from ._utils import _make_divisible, first_values, handle_legacy_interface, pretrained, small_normal

__all__ = ["MobileNetV2", "MobileNet_V2_Weights", "mobilenet_v2"]

#: For each stage: how much wider in between, output channels, blocks, stride of the first block (the paper's table 2).
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


class InvertedResidual(nn.Module):
    """Widen by 1 by 1, filter each channel by itself, narrow by 1 by 1 without an activation.

    Args:
        inp: channels of the input.
        oup: channels of the output; where equal, and at stride 1, the input is added.
        stride: of the filter, 1 or 2.
        expand_ratio: channels in between, divided by ``inp``; at 1 nothing is widened.
        norm_layer: called with the number of channels; batch normalization by default.
    """

    def __init__(
        self,
        inp: int,
        oup: int,
        stride: int,
        expand_ratio: float,
        norm_layer: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        if stride not in (1, 2):
            raise ValueError(f"stride should be 1 or 2 instead of {stride}")
        norm_layer = norm_layer or nn.BatchNorm2d
        self.stride = stride
        self.use_res_connect = stride == 1 and inp == oup
        hidden = round(inp * expand_ratio)
        conv = partial(Conv2dNormActivation, norm_layer=norm_layer, activation_layer=nn.ReLU6)
        layers: list[nn.Module] = []
        if expand_ratio != 1:
            layers.append(conv(inp, hidden, 1))
        layers.append(conv(hidden, hidden, stride=stride, groups=hidden))
        layers += [nn.Conv2d(hidden, oup, 1, bias=False), norm_layer(oup)]
        self.conv = nn.Sequential(*layers)
        self.out_channels = oup
        self._is_cn = stride > 1  # what follows is coarser: segmentation looks for these places

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


class MobileNetV2(nn.Module):
    """Inverted residual blocks.

    Args:
        num_classes: of the output (N, num_classes).
        width_mult: all channels times this.
        inverted_residual_setting: stages, each (expand ratio, channels, blocks, stride); by default the paper's.
        round_nearest: channels are rounded to multiples of this.
        block: makes a block; called as ``InvertedResidual``.
        norm_layer: called with the number of channels; batch normalization by default.
        dropout: the probability before the linear layer.

    The input is (N, 3, H, W).
    """

    def __init__(
        self,
        num_classes: int = 1000,
        width_mult: float = 1.0,
        inverted_residual_setting: Sequence[Sequence[int]] | None = None,
        round_nearest: int = 8,
        block: Callable[..., nn.Module] | None = None,
        norm_layer: Callable[..., nn.Module] | None = None,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        block = block or InvertedResidual
        norm_layer = norm_layer or nn.BatchNorm2d
        stages = STAGES if inverted_residual_setting is None else inverted_residual_setting
        if len(stages) == 0 or len(stages[0]) != 4:
            raise ValueError(
                f"inverted_residual_setting should be non-empty or a 4-element list, got {inverted_residual_setting}"
            )
        conv = partial(Conv2dNormActivation, norm_layer=norm_layer, activation_layer=nn.ReLU6)
        channels = _make_divisible(32 * width_mult, round_nearest)
        self.last_channel = _make_divisible(1280 * max(1.0, width_mult), round_nearest)
        features: list[nn.Module] = [conv(3, channels, stride=2)]
        for expand_ratio, width, blocks, stride in stages:
            out = _make_divisible(width * width_mult, round_nearest)
            for i in range(blocks):
                step = stride if i == 0 else 1
                features.append(block(channels, out, step, expand_ratio=expand_ratio, norm_layer=norm_layer))
                channels = out
        features.append(conv(channels, self.last_channel, 1))
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(self.last_channel, num_classes))
        first_values(self, small_normal)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(flatten(F.adaptive_avg_pool2d(self.features(x), (1, 1)), 1))


class MobileNet_V2_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("mobilenet_v2-b0353104.pth", crop_size=224)
    IMAGENET1K_V2 = published("mobilenet_v2-7ebf99e0.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


@register_model()
@handle_legacy_interface(weights=("pretrained", MobileNet_V2_Weights.IMAGENET1K_V1))
def mobilenet_v2(
    *, weights: MobileNet_V2_Weights | None = None, progress: bool = True, **kwargs: Any
) -> MobileNetV2:
    """MobileNet V2: 3.5 million parameters.

    Args:
        weights: a member of ``MobileNet_V2_Weights``, its name, or None for the random start.
        progress: show how far a download is.
        kwargs: for ``MobileNetV2``.
    """
    return pretrained(MobileNetV2, MobileNet_V2_Weights.verify(weights), progress, kwargs)
