"""ShuffleNet V2: half of the channels pass by, then all are shuffled. Source: https://arxiv.org/abs/1807.11164"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ... import nn
from ...core.tensor import Tensor
from ...nn import functional as F
from ...ops.join import cat
from ._api import WeightsEnum, published, register_model
from ._utils import handle_legacy_interface, pretrained

__all__ = [
    "ShuffleNetV2",
    *(f"ShuffleNet_V2_{size}_Weights" for size in ("X0_5", "X1_0", "X1_5", "X2_0")),
    *(f"shufflenet_v2_{size}" for size in ("x0_5", "x1_0", "x1_5", "x2_0")),
]


def channel_shuffle(x: Tensor, groups: int) -> Tensor:
    """Deal the channels of (N, C, H, W) out like cards: one of each group in turn."""
    return F.channel_shuffle(x, groups)


class InvertedResidual(nn.Module):
    """Two branches, joined and shuffled. At stride 1 the first is half of the input, untouched.

    Args:
        inp: channels of the input.
        oup: channels of the output.
        stride: of the filters.
    """

    def __init__(self, inp: int, oup: int, stride: int) -> None:
        super().__init__()
        if not 1 <= stride <= 3:
            raise ValueError("illegal stride value")
        self.stride = stride
        half = oup // 2
        if stride == 1 and inp != 2 * half:
            raise ValueError(
                f"Invalid combination of stride {stride}, inp {inp} and oup {oup} values. "
                "If stride == 1 then inp should be equal to oup // 2 << 1."
            )
        self.branch1 = nn.Sequential()
        if stride > 1:
            self.branch1 = nn.Sequential(
                self.depthwise_conv(inp, inp, 3, stride, padding=1),
                nn.BatchNorm2d(inp),
                nn.Conv2d(inp, half, 1, bias=False),
                nn.BatchNorm2d(half),
                nn.ReLU(inplace=True),
            )
        self.branch2 = nn.Sequential(
            nn.Conv2d(inp if stride > 1 else half, half, 1, bias=False),
            nn.BatchNorm2d(half),
            nn.ReLU(inplace=True),
            self.depthwise_conv(half, half, 3, stride, padding=1),
            nn.BatchNorm2d(half),
            nn.Conv2d(half, half, 1, bias=False),
            nn.BatchNorm2d(half),
            nn.ReLU(inplace=True),
        )

    @staticmethod
    def depthwise_conv(
        i: int, o: int, kernel_size: int, stride: int = 1, padding: int = 0, bias: bool = False
    ) -> nn.Conv2d:
        """A filter for each channel by itself."""
        return nn.Conv2d(i, o, kernel_size, stride, padding, bias=bias, groups=i)

    def forward(self, x: Any) -> Tensor:
        kept, changed = x.chunk(2, 1) if self.stride == 1 else (self.branch1(x), x)
        return channel_shuffle(cat((kept, self.branch2(changed)), 1), 2)


class ShuffleNetV2(nn.Module):
    """A convolution, three stages, another convolution.

    Args:
        stages_repeats: blocks in each of the three stages.
        stages_out_channels: channels of the first convolution, the stages and the last convolution.
        num_classes: of the output (N, num_classes).
        inverted_residual: makes a block; called with channels in and out and the stride.

    The input is (N, 3, H, W).
    """

    def __init__(
        self,
        stages_repeats: Sequence[int],
        stages_out_channels: Sequence[int],
        num_classes: int = 1000,
        inverted_residual: Callable[..., nn.Module] = InvertedResidual,
    ) -> None:
        super().__init__()
        if len(stages_repeats) != 3:
            raise ValueError("expected stages_repeats as list of 3 positive ints")
        if len(stages_out_channels) != 5:
            raise ValueError("expected stages_out_channels as list of 5 positive ints")
        self._stage_out_channels = stages_out_channels
        first, *widths, last = stages_out_channels

        def stage(channels: int, out: int, repeats: int) -> nn.Sequential:
            first = inverted_residual(channels, out, 2)
            return nn.Sequential(first, *(inverted_residual(out, out, 1) for _ in range(repeats - 1)))

        def outer(channels: int, out: int, kernel_size: int, stride: int, padding: int) -> nn.Sequential:
            conv = nn.Conv2d(channels, out, kernel_size, stride, padding, bias=False)
            return nn.Sequential(conv, nn.BatchNorm2d(out), nn.ReLU(inplace=True))

        self.conv1 = outer(3, first, 3, 2, 1)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.stage2 = stage(first, widths[0], stages_repeats[0])
        self.stage3 = stage(widths[0], widths[1], stages_repeats[1])
        self.stage4 = stage(widths[1], widths[2], stages_repeats[2])
        self.conv5 = outer(widths[2], last, 1, 1, 0)
        self.fc = nn.Linear(last, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stage4(self.stage3(self.stage2(self.maxpool(self.conv1(x)))))
        return self.fc(self.conv5(x).mean([2, 3]))


def _shufflenet(
    widths: tuple[int, int, int, int, int],
    weights: WeightsEnum | None,
    progress: bool,
    kwargs: dict[str, Any],
) -> ShuffleNetV2:
    return pretrained(partial(ShuffleNetV2, [4, 8, 4], widths), weights, progress, kwargs)


class ShuffleNet_V2_X0_5_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("shufflenetv2_x0.5-f707e7126e.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class ShuffleNet_V2_X1_0_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("shufflenetv2_x1-5666bf0f80.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class ShuffleNet_V2_X1_5_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("shufflenetv2_x1_5-3c479a10.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V1


class ShuffleNet_V2_X2_0_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("shufflenetv2_x2_0-8be3c8ee.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V1


@register_model()
@handle_legacy_interface(weights=("pretrained", ShuffleNet_V2_X0_5_Weights.IMAGENET1K_V1))
def shufflenet_v2_x0_5(
    *, weights: ShuffleNet_V2_X0_5_Weights | None = None, progress: bool = True, **kwargs: Any
) -> ShuffleNetV2:
    """ShuffleNet V2 at width 0.5: 1.4 million parameters.

    Args:
        weights: a member of ``ShuffleNet_V2_X0_5_Weights``, its name, or None for the random start.
        progress: show how far a download is.
        kwargs: for ``ShuffleNetV2``.
    """
    return _shufflenet((24, 48, 96, 192, 1024), ShuffleNet_V2_X0_5_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", ShuffleNet_V2_X1_0_Weights.IMAGENET1K_V1))
def shufflenet_v2_x1_0(
    *, weights: ShuffleNet_V2_X1_0_Weights | None = None, progress: bool = True, **kwargs: Any
) -> ShuffleNetV2:
    """ShuffleNet V2 at width 1.0: 2.3 million parameters. Arguments as for ``shufflenet_v2_x0_5``."""
    return _shufflenet(
        (24, 116, 232, 464, 1024), ShuffleNet_V2_X1_0_Weights.verify(weights), progress, kwargs
    )


@register_model()
@handle_legacy_interface(weights=("pretrained", ShuffleNet_V2_X1_5_Weights.IMAGENET1K_V1))
def shufflenet_v2_x1_5(
    *, weights: ShuffleNet_V2_X1_5_Weights | None = None, progress: bool = True, **kwargs: Any
) -> ShuffleNetV2:
    """ShuffleNet V2 at width 1.5: 3.5 million parameters. Arguments as for ``shufflenet_v2_x0_5``."""
    return _shufflenet(
        (24, 176, 352, 704, 1024), ShuffleNet_V2_X1_5_Weights.verify(weights), progress, kwargs
    )


@register_model()
@handle_legacy_interface(weights=("pretrained", ShuffleNet_V2_X2_0_Weights.IMAGENET1K_V1))
def shufflenet_v2_x2_0(
    *, weights: ShuffleNet_V2_X2_0_Weights | None = None, progress: bool = True, **kwargs: Any
) -> ShuffleNetV2:
    """ShuffleNet V2 at width 2.0: 7.4 million parameters. Arguments as for ``shufflenet_v2_x0_5``."""
    return _shufflenet(
        (24, 244, 488, 976, 2048), ShuffleNet_V2_X2_0_Weights.verify(weights), progress, kwargs
    )
