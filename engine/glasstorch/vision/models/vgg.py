"""VGG: nothing but 3 by 3 convolutions, deep. Source: https://arxiv.org/abs/1409.1556"""

from __future__ import annotations

from functools import partial
from typing import Any

from ... import nn
from ...core.tensor import Tensor
from ...ops.shape import flatten
from ._api import WeightsEnum, published, register_model
from ._utils import first_values, handle_legacy_interface, pretrained, small_normal

__all__ = [
    "VGG",
    *("VGG11_Weights", "VGG11_BN_Weights", "VGG13_Weights", "VGG13_BN_Weights"),
    *("VGG16_Weights", "VGG16_BN_Weights", "VGG19_Weights", "VGG19_BN_Weights"),
    *("vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn"),
]  # fmt: skip


class VGG(nn.Module):
    """Convolutions, then three linear layers.

    Args:
        features: from images (N, 3, H, W) to features (N, 512, h, w); ``make_layers`` makes it.
        num_classes: of the output (N, num_classes).
        init_weights: give the parameters VGG's own first values, else leave each layer's.
        dropout: the probability after the first two linear layers.
    """

    def __init__(
        self, features: nn.Module, num_classes: int = 1000, init_weights: bool = True, dropout: float = 0.5
    ) -> None:
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(4096, num_classes),
        )
        if init_weights:
            first_values(self, small_normal)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(flatten(self.avgpool(self.features(x)), 1))


def make_layers(cfg: list[str | int], batch_norm: bool = False) -> nn.Sequential:
    """VGG's convolutions: a number is one with so many output channels, "M" halves height and width."""
    layers: list[nn.Module] = []
    channels = 3
    for v in cfg:
        if isinstance(v, str):
            layers.append(nn.MaxPool2d(2, stride=2))
        else:
            normalization = [nn.BatchNorm2d(v)] if batch_norm else []
            layers += [nn.Conv2d(channels, v, 3, padding=1), *normalization, nn.ReLU(inplace=True)]
            channels = v
    return nn.Sequential(*layers)


# The letters of the paper's table 1.
cfgs: dict[str, list[str | int]] = {
    "A": [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
    "B": [64, 64, "M", 128, 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
    "D": [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"],
    "E": [64, 64, "M", 128, 128, "M", *[256] * 4, "M", *[512] * 4, "M", *[512] * 4, "M"],
}


def _vgg(
    cfg: str, batch_norm: bool, weights: WeightsEnum | None, progress: bool, kwargs: dict[str, Any]
) -> VGG:
    if weights is not None:
        kwargs["init_weights"] = False  # the weights replace them all
    return pretrained(partial(VGG, make_layers(cfgs[cfg], batch_norm)), weights, progress, kwargs)


class VGG11_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("vgg11-8a719046.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class VGG11_BN_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("vgg11_bn-6002323d.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class VGG13_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("vgg13-19584684.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class VGG13_BN_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("vgg13_bn-abd245e5.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class VGG16_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("vgg16-397923af.pth", crop_size=224)
    IMAGENET1K_FEATURES = published(
        "vgg16_features-amdegroot-88682ab5.pth",
        crop_size=224,
        mean=(0.48235, 0.45882, 0.40784),
        std=(1 / 255,) * 3,
    )
    DEFAULT = IMAGENET1K_V1


class VGG16_BN_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("vgg16_bn-6c64b313.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class VGG19_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("vgg19-dcbb9e9d.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class VGG19_BN_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("vgg19_bn-c79401a0.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


@register_model()
@handle_legacy_interface(weights=("pretrained", VGG11_Weights.IMAGENET1K_V1))
def vgg11(*, weights: VGG11_Weights | None = None, progress: bool = True, **kwargs: Any) -> VGG:
    """VGG with 8 convolutions: 133 million parameters, as for all VGGs mostly in the first linear layer.

    Args:
        weights: a member of ``VGG11_Weights``, its name, or None for the random start.
        progress: show how far a download is.
        kwargs: for ``VGG``.
    """
    return _vgg("A", False, VGG11_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", VGG11_BN_Weights.IMAGENET1K_V1))
def vgg11_bn(*, weights: VGG11_BN_Weights | None = None, progress: bool = True, **kwargs: Any) -> VGG:
    """``vgg11`` with batch normalization after each convolution. Arguments as for ``vgg11``."""
    return _vgg("A", True, VGG11_BN_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", VGG13_Weights.IMAGENET1K_V1))
def vgg13(*, weights: VGG13_Weights | None = None, progress: bool = True, **kwargs: Any) -> VGG:
    """VGG with 10 convolutions. Arguments as for ``vgg11``."""
    return _vgg("B", False, VGG13_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", VGG13_BN_Weights.IMAGENET1K_V1))
def vgg13_bn(*, weights: VGG13_BN_Weights | None = None, progress: bool = True, **kwargs: Any) -> VGG:
    """``vgg13`` with batch normalization after each convolution. Arguments as for ``vgg11``."""
    return _vgg("B", True, VGG13_BN_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", VGG16_Weights.IMAGENET1K_V1))
def vgg16(*, weights: VGG16_Weights | None = None, progress: bool = True, **kwargs: Any) -> VGG:
    """VGG with 13 convolutions: 138 million parameters. Arguments as for ``vgg11``."""
    return _vgg("D", False, VGG16_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", VGG16_BN_Weights.IMAGENET1K_V1))
def vgg16_bn(*, weights: VGG16_BN_Weights | None = None, progress: bool = True, **kwargs: Any) -> VGG:
    """``vgg16`` with batch normalization after each convolution. Arguments as for ``vgg11``."""
    return _vgg("D", True, VGG16_BN_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", VGG19_Weights.IMAGENET1K_V1))
def vgg19(*, weights: VGG19_Weights | None = None, progress: bool = True, **kwargs: Any) -> VGG:
    """VGG with 16 convolutions: 144 million parameters. Arguments as for ``vgg11``."""
    return _vgg("E", False, VGG19_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", VGG19_BN_Weights.IMAGENET1K_V1))
def vgg19_bn(*, weights: VGG19_BN_Weights | None = None, progress: bool = True, **kwargs: Any) -> VGG:
    """``vgg19`` with batch normalization after each convolution. Arguments as for ``vgg11``."""
    return _vgg("E", True, VGG19_BN_Weights.verify(weights), progress, kwargs)
