"""EfficientNet: depth, width and image size grown together; and its faster second version.

Sources: https://arxiv.org/abs/1905.11946 (B0 to B7), https://arxiv.org/abs/2104.00298 (V2)
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ... import nn
from ...core.tensor import Tensor
from ...ops.shape import flatten
from ..ops.misc import Conv2dNormActivation
from ..transforms.functional import InterpolationMode
from ._api import WeightsEnum, published, register_model
from ._mbconv import FusedMBConv, FusedMBConvConfig, MBConv, MBConvConfig, _MBConvConfig  # noqa: F401  (public there)
from ._utils import first_values, handle_legacy_interface, pretrained

__all__ = [
    "EfficientNet",
    *(f"EfficientNet_{size}_Weights" for size in ("B0", "B1", "B2", "B3", "B4", "B5", "B6", "B7")),
    *(f"EfficientNet_V2_{size}_Weights" for size in "SML"),
    *(f"efficientnet_b{n}" for n in range(8)),
    *(f"efficientnet_v2_{size}" for size in "sml"),
]


class EfficientNet(nn.Module):
    """Stages of blocks, a mean over the image, a linear layer.

    Args:
        inverted_residual_setting: the stages.
        dropout: the probability before the linear layer.
        stochastic_depth_prob: that of the last block; it grows linearly from 0.
        num_classes: of the output (N, num_classes).
        norm_layer: called with the number of channels; batch normalization by default.
        last_channel: channels before the linear layer; by default four times those of the last stage.

    The input is (N, 3, H, W).
    """

    def __init__(
        self,
        inverted_residual_setting: Sequence[MBConvConfig | FusedMBConvConfig],
        dropout: float,
        stochastic_depth_prob: float = 0.2,
        num_classes: int = 1000,
        norm_layer: Callable[..., nn.Module] | None = None,
        last_channel: int | None = None,
    ) -> None:
        super().__init__()
        stages = inverted_residual_setting
        if not stages:
            raise ValueError("The inverted_residual_setting should not be empty")
        if not (isinstance(stages, Sequence) and all(isinstance(s, _MBConvConfig) for s in stages)):
            raise TypeError("The inverted_residual_setting should be List[MBConvConfig]")
        norm_layer = norm_layer or nn.BatchNorm2d
        conv = partial(Conv2dNormActivation, norm_layer=norm_layer, activation_layer=nn.SiLU)
        layers: list[nn.Module] = [conv(3, stages[0].input_channels, stride=2)]
        total, done = sum(stage.num_layers for stage in stages), 0
        for stage in stages:
            blocks: list[nn.Module] = []
            cnf = copy.copy(stage)
            for _ in range(stage.num_layers):
                blocks.append(cnf.block(cnf, stochastic_depth_prob * done / total, norm_layer))
                cnf = copy.copy(cnf)
                cnf.input_channels, cnf.stride = cnf.out_channels, 1
                done += 1
            layers.append(nn.Sequential(*blocks))
        channels = stages[-1].out_channels
        last = 4 * channels if last_channel is None else last_channel
        layers.append(conv(channels, last, 1))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(dropout, inplace=True), nn.Linear(last, num_classes))
        first_values(self, _uniform_by_fan_out)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(flatten(self.avgpool(self.features(x)), 1))


def _uniform_by_fan_out(weight: Tensor) -> None:
    bound = 1 / math.sqrt(weight.shape[0])
    nn.init.uniform_(weight, -bound, bound)


#: B0's stages (the paper's table 1): expand ratio, kernel, stride, input and output channels, blocks.
STAGES = (
    (1, 3, 1, 32, 16, 1),
    (6, 3, 2, 16, 24, 2),
    (6, 5, 2, 24, 40, 2),
    (6, 3, 2, 40, 80, 3),
    (6, 5, 1, 80, 112, 3),
    (6, 5, 2, 112, 192, 4),
    (6, 3, 1, 192, 320, 1),
)
#: V2's stages; the first three are fused.
STAGES_V2 = {
    "s": (
        (1, 3, 1, 24, 24, 2),
        (4, 3, 2, 24, 48, 4),
        (4, 3, 2, 48, 64, 4),
        (4, 3, 2, 64, 128, 6),
        (6, 3, 1, 128, 160, 9),
        (6, 3, 2, 160, 256, 15),
    ),
    "m": (
        (1, 3, 1, 24, 24, 3),
        (4, 3, 2, 24, 48, 5),
        (4, 3, 2, 48, 80, 5),
        (4, 3, 2, 80, 160, 7),
        (6, 3, 1, 160, 176, 14),
        (6, 3, 2, 176, 304, 18),
        (6, 3, 1, 304, 512, 5),
    ),
    "l": (
        (1, 3, 1, 32, 32, 4),
        (4, 3, 2, 32, 64, 7),
        (4, 3, 2, 64, 96, 7),
        (4, 3, 2, 96, 192, 10),
        (6, 3, 1, 192, 224, 19),
        (6, 3, 2, 224, 384, 25),
        (6, 3, 1, 384, 640, 7),
    ),
}


#: B5 and larger average their statistics over more batches.
SLOW_NORM = partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)


def _efficientnet(
    width_mult: float,
    depth_mult: float,
    dropout: float,
    weights: WeightsEnum | None,
    progress: bool,
    kwargs: dict[str, Any],
    **fixed: Any,
) -> EfficientNet:
    stages = [MBConvConfig(*stage, width_mult=width_mult, depth_mult=depth_mult) for stage in STAGES]
    return _build(stages, dropout, weights, progress, kwargs, **fixed)


def _efficientnet_v2(
    size: str, dropout: float, weights: WeightsEnum | None, progress: bool, kwargs: dict[str, Any]
) -> EfficientNet:
    stages = [
        *(FusedMBConvConfig(*stage) for stage in STAGES_V2[size][:3]),
        *(MBConvConfig(*stage) for stage in STAGES_V2[size][3:]),
    ]
    norm_layer = partial(nn.BatchNorm2d, eps=0.001)
    return _build(stages, dropout, weights, progress, kwargs, last_channel=1280, norm_layer=norm_layer)


def _build(
    stages: list,
    dropout: float,
    weights: WeightsEnum | None,
    progress: bool,
    kwargs: dict[str, Any],
    **fixed: Any,
) -> EfficientNet:
    dropout = kwargs.pop("dropout", dropout)
    return pretrained(partial(EfficientNet, stages, dropout, **fixed), weights, progress, kwargs)


class EfficientNet_B0_Weights(WeightsEnum):
    IMAGENET1K_V1 = published(
        "efficientnet_b0_rwightman-7f5810bc.pth",
        crop_size=224,
        resize_size=256,
        interpolation=InterpolationMode.BICUBIC,
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_B1_Weights(WeightsEnum):
    IMAGENET1K_V1 = published(
        "efficientnet_b1_rwightman-bac287d4.pth",
        crop_size=240,
        resize_size=256,
        interpolation=InterpolationMode.BICUBIC,
    )
    IMAGENET1K_V2 = published(
        "efficientnet_b1-c27df63c.pth",
        crop_size=240,
        resize_size=255,
        interpolation=InterpolationMode.BILINEAR,
    )
    DEFAULT = IMAGENET1K_V2


class EfficientNet_B2_Weights(WeightsEnum):
    IMAGENET1K_V1 = published(
        "efficientnet_b2_rwightman-c35c1473.pth",
        crop_size=288,
        resize_size=288,
        interpolation=InterpolationMode.BICUBIC,
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_B3_Weights(WeightsEnum):
    IMAGENET1K_V1 = published(
        "efficientnet_b3_rwightman-b3899882.pth",
        crop_size=300,
        resize_size=320,
        interpolation=InterpolationMode.BICUBIC,
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_B4_Weights(WeightsEnum):
    IMAGENET1K_V1 = published(
        "efficientnet_b4_rwightman-23ab8bcd.pth",
        crop_size=380,
        resize_size=384,
        interpolation=InterpolationMode.BICUBIC,
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_B5_Weights(WeightsEnum):
    IMAGENET1K_V1 = published(
        "efficientnet_b5_lukemelas-1a07897c.pth",
        crop_size=456,
        resize_size=456,
        interpolation=InterpolationMode.BICUBIC,
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_B6_Weights(WeightsEnum):
    IMAGENET1K_V1 = published(
        "efficientnet_b6_lukemelas-24a108a5.pth",
        crop_size=528,
        resize_size=528,
        interpolation=InterpolationMode.BICUBIC,
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_B7_Weights(WeightsEnum):
    IMAGENET1K_V1 = published(
        "efficientnet_b7_lukemelas-c5b4e57e.pth",
        crop_size=600,
        resize_size=600,
        interpolation=InterpolationMode.BICUBIC,
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_V2_S_Weights(WeightsEnum):
    IMAGENET1K_V1 = published(
        "efficientnet_v2_s-dd5fe13b.pth",
        crop_size=384,
        resize_size=384,
        interpolation=InterpolationMode.BILINEAR,
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_V2_M_Weights(WeightsEnum):
    IMAGENET1K_V1 = published(
        "efficientnet_v2_m-dc08266a.pth",
        crop_size=480,
        resize_size=480,
        interpolation=InterpolationMode.BILINEAR,
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_V2_L_Weights(WeightsEnum):
    IMAGENET1K_V1 = published(
        "efficientnet_v2_l-59c71312.pth",
        crop_size=480,
        resize_size=480,
        interpolation=InterpolationMode.BICUBIC,
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
    )
    DEFAULT = IMAGENET1K_V1


@register_model()
@handle_legacy_interface(weights=("pretrained", EfficientNet_B0_Weights.IMAGENET1K_V1))
def efficientnet_b0(
    *, weights: EfficientNet_B0_Weights | None = None, progress: bool = True, **kwargs: Any
) -> EfficientNet:
    """EfficientNet B0: 5.3 million parameters.

    Args:
        weights: a member of ``EfficientNet_B0_Weights``, its name, or None for the random start.
        progress: show how far a download is.
        kwargs: for ``EfficientNet``.
    """
    return _efficientnet(1.0, 1.0, 0.2, EfficientNet_B0_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", EfficientNet_B1_Weights.IMAGENET1K_V1))
def efficientnet_b1(
    *, weights: EfficientNet_B1_Weights | None = None, progress: bool = True, **kwargs: Any
) -> EfficientNet:
    """EfficientNet B1: 7.8 million parameters. Arguments as for ``efficientnet_b0``."""
    return _efficientnet(1.0, 1.1, 0.2, EfficientNet_B1_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", EfficientNet_B2_Weights.IMAGENET1K_V1))
def efficientnet_b2(
    *, weights: EfficientNet_B2_Weights | None = None, progress: bool = True, **kwargs: Any
) -> EfficientNet:
    """EfficientNet B2: 9.1 million parameters. Arguments as for ``efficientnet_b0``."""
    return _efficientnet(1.1, 1.2, 0.3, EfficientNet_B2_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", EfficientNet_B3_Weights.IMAGENET1K_V1))
def efficientnet_b3(
    *, weights: EfficientNet_B3_Weights | None = None, progress: bool = True, **kwargs: Any
) -> EfficientNet:
    """EfficientNet B3: 12.2 million parameters. Arguments as for ``efficientnet_b0``."""
    return _efficientnet(1.2, 1.4, 0.3, EfficientNet_B3_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", EfficientNet_B4_Weights.IMAGENET1K_V1))
def efficientnet_b4(
    *, weights: EfficientNet_B4_Weights | None = None, progress: bool = True, **kwargs: Any
) -> EfficientNet:
    """EfficientNet B4: 19.3 million parameters. Arguments as for ``efficientnet_b0``."""
    return _efficientnet(1.4, 1.8, 0.4, EfficientNet_B4_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", EfficientNet_B5_Weights.IMAGENET1K_V1))
def efficientnet_b5(
    *, weights: EfficientNet_B5_Weights | None = None, progress: bool = True, **kwargs: Any
) -> EfficientNet:
    """EfficientNet B5: 30.4 million parameters. Arguments as for ``efficientnet_b0``."""
    return _efficientnet(
        1.6, 2.2, 0.4, EfficientNet_B5_Weights.verify(weights), progress, kwargs, norm_layer=SLOW_NORM
    )


@register_model()
@handle_legacy_interface(weights=("pretrained", EfficientNet_B6_Weights.IMAGENET1K_V1))
def efficientnet_b6(
    *, weights: EfficientNet_B6_Weights | None = None, progress: bool = True, **kwargs: Any
) -> EfficientNet:
    """EfficientNet B6: 43.0 million parameters. Arguments as for ``efficientnet_b0``."""
    return _efficientnet(
        1.8, 2.6, 0.5, EfficientNet_B6_Weights.verify(weights), progress, kwargs, norm_layer=SLOW_NORM
    )


@register_model()
@handle_legacy_interface(weights=("pretrained", EfficientNet_B7_Weights.IMAGENET1K_V1))
def efficientnet_b7(
    *, weights: EfficientNet_B7_Weights | None = None, progress: bool = True, **kwargs: Any
) -> EfficientNet:
    """EfficientNet B7: 66.3 million parameters. Arguments as for ``efficientnet_b0``."""
    return _efficientnet(
        2.0, 3.1, 0.5, EfficientNet_B7_Weights.verify(weights), progress, kwargs, norm_layer=SLOW_NORM
    )


@register_model()
@handle_legacy_interface(weights=("pretrained", EfficientNet_V2_S_Weights.IMAGENET1K_V1))
def efficientnet_v2_s(
    *, weights: EfficientNet_V2_S_Weights | None = None, progress: bool = True, **kwargs: Any
) -> EfficientNet:
    """EfficientNet V2 S: 21.5 million parameters. Arguments as for ``efficientnet_b0``."""
    return _efficientnet_v2("s", 0.2, EfficientNet_V2_S_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", EfficientNet_V2_M_Weights.IMAGENET1K_V1))
def efficientnet_v2_m(
    *, weights: EfficientNet_V2_M_Weights | None = None, progress: bool = True, **kwargs: Any
) -> EfficientNet:
    """EfficientNet V2 M: 54.1 million parameters. Arguments as for ``efficientnet_b0``."""
    return _efficientnet_v2("m", 0.3, EfficientNet_V2_M_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", EfficientNet_V2_L_Weights.IMAGENET1K_V1))
def efficientnet_v2_l(
    *, weights: EfficientNet_V2_L_Weights | None = None, progress: bool = True, **kwargs: Any
) -> EfficientNet:
    """EfficientNet V2 L: 118.5 million parameters. Arguments as for ``efficientnet_b0``."""
    return _efficientnet_v2("l", 0.4, EfficientNet_V2_L_Weights.verify(weights), progress, kwargs)
