"""RegNet: widths along a straight line, rounded to a few stages; Y has squeeze-and-excitation, X has not.

Source: https://arxiv.org/abs/2003.13678
"""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import Any

from ... import nn
from ...core.tensor import Tensor
from ...ops.shape import flatten
from ..transforms.functional import InterpolationMode
from ._anynet import AnyStage, BlockParams, BottleneckTransform, Layer, ResBottleneckBlock, SimpleStemIN  # noqa: F401  (public there)
from ._api import WeightsEnum, published, register_model
from ._utils import handle_legacy_interface, pretrained, small_normal

_Y = ("400MF", "800MF", "1_6GF", "3_2GF", "8GF", "16GF", "32GF")  # 10⁶ or 10⁹ multiply-adds for an image
__all__ = [
    "RegNet",
    *(f"RegNet_{kind}_{size}_Weights" for kind in "YX" for size in _Y),
    "RegNet_Y_128GF_Weights",
    *(f"regnet_{kind}_{size.lower()}" for kind in "yx" for size in _Y),
    "regnet_y_128gf",
]  # fmt: skip


class RegNet(nn.Module):
    """Stages of bottleneck blocks.

    Args:
        block_params: the stages.
        num_classes: of the output (N, num_classes).
        stem_width: channels of the first layer.
        stem_type, block_type: make the first layer and a block; called as ``SimpleStemIN`` and ``ResBottleneckBlock``.
        norm_layer: called with the number of channels; batch normalization by default.
        activation: ReLU by default.

    The input is (N, 3, H, W).
    """

    def __init__(
        self,
        block_params: BlockParams,
        num_classes: int = 1000,
        stem_width: int = 32,
        stem_type: Layer | None = None,
        block_type: Layer | None = None,
        norm_layer: Layer | None = None,
        activation: Layer | None = None,
    ) -> None:
        super().__init__()
        norm_layer = norm_layer or nn.BatchNorm2d
        activation = activation or nn.ReLU
        block_type = block_type or ResBottleneckBlock
        self.stem = (stem_type or SimpleStemIN)(3, stem_width, norm_layer, activation)
        width = stem_width
        stages: OrderedDict[str, nn.Module] = OrderedDict()
        for i, (out, stride, depth, group, multiplier) in enumerate(block_params._get_expanded_params(), 1):
            stages[f"block{i}"] = AnyStage(
                width, out, stride, depth, block_type, norm_layer, activation, group, multiplier,
                block_params.se_ratio, i,
            )  # fmt: skip
            width = out
        self.trunk_output = nn.Sequential(stages)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(width, num_classes)
        self._first_values()

    def _first_values(self) -> None:
        for m in self.modules():
            if isinstance(m, nn.Conv2d):  # the biases, in squeeze-and-excitation alone, stay as they are
                nn.init.kaiming_normal_(m.weight, mode="fan_out")
            elif isinstance(m, nn.BatchNorm2d):
                nn.init.ones_(m.weight)
                nn.init.zeros_(m.bias)
        small_normal(self.fc.weight)
        nn.init.zeros_(self.fc.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(flatten(self.avgpool(self.trunk_output(self.stem(x))), 1))


def _regnet(
    depth: int,
    w_0: int,
    w_a: float,
    w_m: float,
    group_width: int,
    se_ratio: float | None,
    weights: WeightsEnum | None,
    progress: bool,
    kwargs: dict[str, Any],
) -> RegNet:
    params = BlockParams.from_init_params(depth, w_0, w_a, w_m, group_width, se_ratio=se_ratio, **kwargs)
    return pretrained(partial(RegNet, params), weights, progress, kwargs)


class RegNet_Y_400MF_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("regnet_y_400mf-c65dace8.pth", crop_size=224)
    IMAGENET1K_V2 = published("regnet_y_400mf-e6988f5f.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_Y_800MF_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("regnet_y_800mf-1b27b58c.pth", crop_size=224)
    IMAGENET1K_V2 = published("regnet_y_800mf-58fc7688.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_Y_1_6GF_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("regnet_y_1_6gf-b11a554e.pth", crop_size=224)
    IMAGENET1K_V2 = published("regnet_y_1_6gf-0d7bc02a.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_Y_3_2GF_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("regnet_y_3_2gf-b5a9779c.pth", crop_size=224)
    IMAGENET1K_V2 = published("regnet_y_3_2gf-9180c971.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_Y_8GF_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("regnet_y_8gf-d0d0e4a8.pth", crop_size=224)
    IMAGENET1K_V2 = published("regnet_y_8gf-dc2b1b54.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_Y_16GF_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("regnet_y_16gf-9e6ed7dd.pth", crop_size=224)
    IMAGENET1K_V2 = published("regnet_y_16gf-3e4a00f9.pth", crop_size=224, resize_size=232)
    IMAGENET1K_SWAG_E2E_V1 = published(
        "regnet_y_16gf_swag-43afe44d.pth",
        crop_size=384,
        resize_size=384,
        interpolation=InterpolationMode.BICUBIC,
    )
    IMAGENET1K_SWAG_LINEAR_V1 = published(
        "regnet_y_16gf_lc_swag-f3ec0043.pth",
        crop_size=224,
        resize_size=224,
        interpolation=InterpolationMode.BICUBIC,
    )
    DEFAULT = IMAGENET1K_V2


class RegNet_Y_32GF_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("regnet_y_32gf-4dee3f7a.pth", crop_size=224)
    IMAGENET1K_V2 = published("regnet_y_32gf-8db6d4b5.pth", crop_size=224, resize_size=232)
    IMAGENET1K_SWAG_E2E_V1 = published(
        "regnet_y_32gf_swag-04fdfa75.pth",
        crop_size=384,
        resize_size=384,
        interpolation=InterpolationMode.BICUBIC,
    )
    IMAGENET1K_SWAG_LINEAR_V1 = published(
        "regnet_y_32gf_lc_swag-e1583746.pth",
        crop_size=224,
        resize_size=224,
        interpolation=InterpolationMode.BICUBIC,
    )
    DEFAULT = IMAGENET1K_V2


class RegNet_Y_128GF_Weights(WeightsEnum):
    IMAGENET1K_SWAG_E2E_V1 = published(
        "regnet_y_128gf_swag-c8ce3e52.pth",
        crop_size=384,
        resize_size=384,
        interpolation=InterpolationMode.BICUBIC,
    )
    IMAGENET1K_SWAG_LINEAR_V1 = published(
        "regnet_y_128gf_lc_swag-cbe8ce12.pth",
        crop_size=224,
        resize_size=224,
        interpolation=InterpolationMode.BICUBIC,
    )
    DEFAULT = IMAGENET1K_SWAG_E2E_V1


class RegNet_X_400MF_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("regnet_x_400mf-adf1edd5.pth", crop_size=224)
    IMAGENET1K_V2 = published("regnet_x_400mf-62229a5f.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_X_800MF_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("regnet_x_800mf-ad17e45c.pth", crop_size=224)
    IMAGENET1K_V2 = published("regnet_x_800mf-94a99ebd.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_X_1_6GF_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("regnet_x_1_6gf-e3633e7f.pth", crop_size=224)
    IMAGENET1K_V2 = published("regnet_x_1_6gf-a12f2b72.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_X_3_2GF_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("regnet_x_3_2gf-f342aeae.pth", crop_size=224)
    IMAGENET1K_V2 = published("regnet_x_3_2gf-7071aa85.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_X_8GF_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("regnet_x_8gf-03ceed89.pth", crop_size=224)
    IMAGENET1K_V2 = published("regnet_x_8gf-2b70d774.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_X_16GF_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("regnet_x_16gf-2007eb11.pth", crop_size=224)
    IMAGENET1K_V2 = published("regnet_x_16gf-ba3796d7.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_X_32GF_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("regnet_x_32gf-9d47f8d0.pth", crop_size=224)
    IMAGENET1K_V2 = published("regnet_x_32gf-6eb8fdc6.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


@register_model()
@handle_legacy_interface(weights=("pretrained", RegNet_Y_400MF_Weights.IMAGENET1K_V1))
def regnet_y_400mf(
    *, weights: RegNet_Y_400MF_Weights | None = None, progress: bool = True, **kwargs: Any
) -> RegNet:
    """RegNet Y of 400 million multiply-adds, 4.3 million parameters.

    Args:
        weights: a member of ``RegNet_Y_400MF_Weights``, its name, or None for the random start.
        progress: show how far a download is.
        kwargs: for ``RegNet``.
    """
    return _regnet(16, 48, 27.89, 2.09, 8, 0.25, RegNet_Y_400MF_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", RegNet_Y_800MF_Weights.IMAGENET1K_V1))
def regnet_y_800mf(
    *, weights: RegNet_Y_800MF_Weights | None = None, progress: bool = True, **kwargs: Any
) -> RegNet:
    """RegNet Y of 800 million multiply-adds, 6.4 million parameters. Arguments as for ``regnet_y_400mf``."""
    return _regnet(14, 56, 38.84, 2.4, 16, 0.25, RegNet_Y_800MF_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", RegNet_Y_1_6GF_Weights.IMAGENET1K_V1))
def regnet_y_1_6gf(
    *, weights: RegNet_Y_1_6GF_Weights | None = None, progress: bool = True, **kwargs: Any
) -> RegNet:
    """RegNet Y of 1.6 billion multiply-adds, 11.2 million parameters. Arguments as for ``regnet_y_400mf``."""
    return _regnet(27, 48, 20.71, 2.65, 24, 0.25, RegNet_Y_1_6GF_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", RegNet_Y_3_2GF_Weights.IMAGENET1K_V1))
def regnet_y_3_2gf(
    *, weights: RegNet_Y_3_2GF_Weights | None = None, progress: bool = True, **kwargs: Any
) -> RegNet:
    """RegNet Y of 3.2 billion multiply-adds, 19.4 million parameters. Arguments as for ``regnet_y_400mf``."""
    return _regnet(21, 80, 42.63, 2.66, 24, 0.25, RegNet_Y_3_2GF_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", RegNet_Y_8GF_Weights.IMAGENET1K_V1))
def regnet_y_8gf(
    *, weights: RegNet_Y_8GF_Weights | None = None, progress: bool = True, **kwargs: Any
) -> RegNet:
    """RegNet Y of 8 billion multiply-adds, 39.4 million parameters. Arguments as for ``regnet_y_400mf``."""
    return _regnet(17, 192, 76.82, 2.19, 56, 0.25, RegNet_Y_8GF_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", RegNet_Y_16GF_Weights.IMAGENET1K_V1))
def regnet_y_16gf(
    *, weights: RegNet_Y_16GF_Weights | None = None, progress: bool = True, **kwargs: Any
) -> RegNet:
    """RegNet Y of 16 billion multiply-adds, 83.6 million parameters. Arguments as for ``regnet_y_400mf``."""
    return _regnet(18, 200, 106.23, 2.48, 112, 0.25, RegNet_Y_16GF_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", RegNet_Y_32GF_Weights.IMAGENET1K_V1))
def regnet_y_32gf(
    *, weights: RegNet_Y_32GF_Weights | None = None, progress: bool = True, **kwargs: Any
) -> RegNet:
    """RegNet Y of 32 billion multiply-adds, 145.0 million parameters. Arguments as for ``regnet_y_400mf``."""
    return _regnet(20, 232, 115.89, 2.53, 232, 0.25, RegNet_Y_32GF_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", None))
def regnet_y_128gf(
    *, weights: RegNet_Y_128GF_Weights | None = None, progress: bool = True, **kwargs: Any
) -> RegNet:
    """RegNet Y of 128 billion multiply-adds, 644.8 million parameters. Arguments as for ``regnet_y_400mf``."""
    return _regnet(27, 456, 160.83, 2.52, 264, 0.25, RegNet_Y_128GF_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", RegNet_X_400MF_Weights.IMAGENET1K_V1))
def regnet_x_400mf(
    *, weights: RegNet_X_400MF_Weights | None = None, progress: bool = True, **kwargs: Any
) -> RegNet:
    """RegNet X of 400 million multiply-adds, 5.5 million parameters. Arguments as for ``regnet_y_400mf``."""
    return _regnet(22, 24, 24.48, 2.54, 16, None, RegNet_X_400MF_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", RegNet_X_800MF_Weights.IMAGENET1K_V1))
def regnet_x_800mf(
    *, weights: RegNet_X_800MF_Weights | None = None, progress: bool = True, **kwargs: Any
) -> RegNet:
    """RegNet X of 800 million multiply-adds, 7.3 million parameters. Arguments as for ``regnet_y_400mf``."""
    return _regnet(16, 56, 35.73, 2.28, 16, None, RegNet_X_800MF_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", RegNet_X_1_6GF_Weights.IMAGENET1K_V1))
def regnet_x_1_6gf(
    *, weights: RegNet_X_1_6GF_Weights | None = None, progress: bool = True, **kwargs: Any
) -> RegNet:
    """RegNet X of 1.6 billion multiply-adds, 9.2 million parameters. Arguments as for ``regnet_y_400mf``."""
    return _regnet(18, 80, 34.01, 2.25, 24, None, RegNet_X_1_6GF_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", RegNet_X_3_2GF_Weights.IMAGENET1K_V1))
def regnet_x_3_2gf(
    *, weights: RegNet_X_3_2GF_Weights | None = None, progress: bool = True, **kwargs: Any
) -> RegNet:
    """RegNet X of 3.2 billion multiply-adds, 15.3 million parameters. Arguments as for ``regnet_y_400mf``."""
    return _regnet(25, 88, 26.31, 2.25, 48, None, RegNet_X_3_2GF_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", RegNet_X_8GF_Weights.IMAGENET1K_V1))
def regnet_x_8gf(
    *, weights: RegNet_X_8GF_Weights | None = None, progress: bool = True, **kwargs: Any
) -> RegNet:
    """RegNet X of 8 billion multiply-adds, 39.6 million parameters. Arguments as for ``regnet_y_400mf``."""
    return _regnet(23, 80, 49.56, 2.88, 120, None, RegNet_X_8GF_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", RegNet_X_16GF_Weights.IMAGENET1K_V1))
def regnet_x_16gf(
    *, weights: RegNet_X_16GF_Weights | None = None, progress: bool = True, **kwargs: Any
) -> RegNet:
    """RegNet X of 16 billion multiply-adds, 54.3 million parameters. Arguments as for ``regnet_y_400mf``."""
    return _regnet(22, 216, 55.59, 2.1, 128, None, RegNet_X_16GF_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", RegNet_X_32GF_Weights.IMAGENET1K_V1))
def regnet_x_32gf(
    *, weights: RegNet_X_32GF_Weights | None = None, progress: bool = True, **kwargs: Any
) -> RegNet:
    """RegNet X of 32 billion multiply-adds, 107.8 million parameters. Arguments as for ``regnet_y_400mf``."""
    return _regnet(23, 320, 69.86, 2.0, 168, None, RegNet_X_32GF_Weights.verify(weights), progress, kwargs)
