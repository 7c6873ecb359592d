"""MobileNet V3: V2's blocks with squeeze-and-excitation, found by search. Source: https://arxiv.org/abs/1905.02244"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ... import nn
from ...core.tensor import Tensor
from ...ops.shape import flatten
from ..ops.misc import Conv2dNormActivation, SqueezeExcitation
from ._api import WeightsEnum, published, register_model
from ._utils import _make_divisible, first_values, handle_legacy_interface, pretrained, small_normal

__all__ = [
    "MobileNetV3",
    "MobileNet_V3_Large_Weights",
    "MobileNet_V3_Small_Weights",
    "mobilenet_v3_large",
    "mobilenet_v3_small",
]

#: Blocks (kernel, channels in between, output channels, squeeze-and-excitation, activation, stride), and the channels
#: before the last linear layer: the paper's tables 1 and 2. HS is Hardswish, RE is ReLU.
BLOCKS: dict[str, tuple[list[tuple[int, int, int, bool, str, int]], int]] = {
    "mobilenet_v3_large": (
        [
            (3, 16, 16, False, "RE", 1),
            (3, 64, 24, False, "RE", 2),
            (3, 72, 24, False, "RE", 1),
            (5, 72, 40, True, "RE", 2),
            *[(5, 120, 40, True, "RE", 1)] * 2,
            (3, 240, 80, False, "HS", 2),
            (3, 200, 80, False, "HS", 1),
            *[(3, 184, 80, False, "HS", 1)] * 2,
            (3, 480, 112, True, "HS", 1),
            (3, 672, 112, True, "HS", 1),
            (5, 672, 160, True, "HS", 2),
            *[(5, 960, 160, True, "HS", 1)] * 2,
        ],
        1280,
    ),
    "mobilenet_v3_small": (
        [
            (3, 16, 16, True, "RE", 2),
            (3, 72, 24, False, "RE", 2),
            (3, 88, 24, False, "RE", 1),
            (5, 96, 40, True, "HS", 2),
            *[(5, 240, 40, True, "HS", 1)] * 2,
            (5, 120, 48, True, "HS", 1),
            (5, 144, 48, True, "HS", 1),
            (5, 288, 96, True, "HS", 2),
            *[(5, 576, 96, True, "HS", 1)] * 2,
        ],
        1024,
    ),
}


HardSqueezeExcitation = partial(SqueezeExcitation, scale_activation=nn.Hardsigmoid)


class InvertedResidualConfig:
    """One block: its channels (input, in between, output), kernel, stride, dilation and what is in it.

    Args:
        use_se: with squeeze-and-excitation?
        activation: "HS" for Hardswish, else ReLU.
        width_mult: all channels times this, rounded to multiples of 8.
    """

    def __init__(
        self,
        input_channels: int,
        kernel: int,
        expanded_channels: int,
        out_channels: int,
        use_se: bool,
        activation: str,
        stride: int,
        dilation: int,
        width_mult: float,
    ) -> None:
        self.input_channels = self.adjust_channels(input_channels, width_mult)
        self.kernel = kernel
        self.expanded_channels = self.adjust_channels(expanded_channels, width_mult)
        self.out_channels = self.adjust_channels(out_channels, width_mult)
        self.use_se = use_se
        self.use_hs = activation == "HS"
        self.stride = stride
        self.dilation = dilation

    @staticmethod
    def adjust_channels(channels: int, width_mult: float) -> int:
        """``channels * width_mult``, rounded to a multiple of 8."""
        return _make_divisible(channels * width_mult, 8)


class InvertedResidual(nn.Module):
    """Widen, filter each channel by itself, weigh the channels, narrow; the input is added where it fits.

    Args:
        cnf: the block's numbers.
        norm_layer: called with the number of channels.
        se_layer: called with the channels in between and the squeezed ones.
    """

    def __init__(
        self,
        cnf: InvertedResidualConfig,
        norm_layer: Callable[..., nn.Module],
        se_layer: Callable[..., nn.Module] = HardSqueezeExcitation,
    ) -> None:
        super().__init__()
        if cnf.stride not in (1, 2):
            raise ValueError("illegal stride value")
        self.use_res_connect = cnf.stride == 1 and cnf.input_channels == cnf.out_channels
        width = cnf.expanded_channels
        activation = nn.Hardswish if cnf.use_hs else nn.ReLU
        conv = partial(Conv2dNormActivation, norm_layer=norm_layer, activation_layer=activation)
        layers: list[nn.Module] = []
        if width != cnf.input_channels:
            layers.append(conv(cnf.input_channels, width, 1))
        stride = 1 if cnf.dilation > 1 else cnf.stride
        layers.append(conv(width, width, cnf.kernel, stride, dilation=cnf.dilation, groups=width))
        if cnf.use_se:
            layers.append(se_layer(width, _make_divisible(width // 4, 8)))
        layers.append(conv(width, cnf.out_channels, 1, activation_layer=None))
        self.block = nn.Sequential(*layers)
        self.out_channels = cnf.out_channels
        self._is_cn = cnf.stride > 1  # what follows is coarser: segmentation looks for these places

    def forward(self, input: Tensor) -> Tensor:
        result = self.block(input)
        if self.use_res_connect:
            result += input
        return result


class MobileNetV3(nn.Module):
    """Inverted residual blocks, a mean over the image, two linear layers.

    Args:
        inverted_residual_setting: the blocks.
        last_channel: channels before the last linear layer.
        num_classes: of the output (N, num_classes).
        block: makes a block; called as ``InvertedResidual``.
        norm_layer: called with the number of channels; batch normalization by default.
        dropout: the probability before the last linear layer.

    The input is (N, 3, H, W).
    """

    def __init__(
        self,
        inverted_residual_setting: Sequence[InvertedResidualConfig],
        last_channel: int,
        num_classes: int = 1000,
        block: Callable[..., nn.Module] | None = None,
        norm_layer: Callable[..., nn.Module] | None = None,
        dropout: float = 0.2,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        blocks = inverted_residual_setting
        if not blocks:
            raise ValueError("The inverted_residual_setting should not be empty")
        if not (isinstance(blocks, Sequence) and all(isinstance(b, InvertedResidualConfig) for b in blocks)):
            raise TypeError("The inverted_residual_setting should be List[InvertedResidualConfig]")
        block = block or InvertedResidual
        norm_layer = norm_layer or partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)
        conv = partial(Conv2dNormActivation, norm_layer=norm_layer, activation_layer=nn.Hardswish)
        channels = blocks[-1].out_channels
        self.features = nn.Sequential(
            conv(3, blocks[0].input_channels, stride=2),
            *(block(b, norm_layer) for b in blocks),
            conv(channels, 6 * channels, 1),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(6 * channels, last_channel),
            nn.Hardswish(inplace=True),
            nn.Dropout(dropout, inplace=True),
            nn.Linear(last_channel, num_classes),
        )
        first_values(self, small_normal)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(flatten(self.avgpool(self.features(x)), 1))


def _mobilenet_v3_conf(
    arch: str, width_mult: float = 1.0, reduced_tail: bool = False, dilated: bool = False, **kwargs: Any
) -> tuple[list[InvertedResidualConfig], int]:
    """The blocks of an architecture, and the channels before its last linear layer.

    ``reduced_tail`` halves the channels of the last stage, ``dilated`` keeps its height and width: for segmentation
    and detection, where its features are used as they are.
    """
    if arch not in BLOCKS:
        raise ValueError(f"Unsupported model type {arch}")
    rows, last = BLOCKS[arch]
    tail = len(rows) - 3  # the last stage
    divider = 2 if reduced_tail else 1
    channels, blocks = 16, []
    for i, (kernel, expanded, out, use_se, activation, stride) in enumerate(rows):
        expanded //= divider if i > tail else 1
        out //= divider if i >= tail else 1
        dilation = 2 if dilated and i >= tail else 1
        blocks.append(
            InvertedResidualConfig(
                channels, kernel, expanded, out, use_se, activation, stride, dilation, width_mult
            )
        )
        channels = out
    return blocks, InvertedResidualConfig.adjust_channels(last // divider, width_mult)


def _mobilenet_v3(
    arch: str, weights: WeightsEnum | None, progress: bool, kwargs: dict[str, Any]
) -> MobileNetV3:
    return pretrained(partial(MobileNetV3, *_mobilenet_v3_conf(arch, **kwargs)), weights, progress, kwargs)


class MobileNet_V3_Large_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("mobilenet_v3_large-8738ca79.pth", crop_size=224)
    IMAGENET1K_V2 = published("mobilenet_v3_large-5c1a4163.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class MobileNet_V3_Small_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("mobilenet_v3_small-047dcff4.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


@register_model()
@handle_legacy_interface(weights=("pretrained", MobileNet_V3_Large_Weights.IMAGENET1K_V1))
def mobilenet_v3_large(
    *, weights: MobileNet_V3_Large_Weights | None = None, progress: bool = True, **kwargs: Any
) -> MobileNetV3:
    """MobileNet V3 Large: 5.5 million parameters.

    Args:
        weights: a member of ``MobileNet_V3_Large_Weights``, its name, or None for the random start.
        progress: show how far a download is.
        kwargs: for ``MobileNetV3``.
    """
    return _mobilenet_v3("mobilenet_v3_large", MobileNet_V3_Large_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", MobileNet_V3_Small_Weights.IMAGENET1K_V1))
def mobilenet_v3_small(
    *, weights: MobileNet_V3_Small_Weights | None = None, progress: bool = True, **kwargs: Any
) -> MobileNetV3:
    """MobileNet V3 Small: 2.5 million parameters. Arguments as for ``mobilenet_v3_large``."""
    return _mobilenet_v3("mobilenet_v3_small", MobileNet_V3_Small_Weights.verify(weights), progress, kwargs)
