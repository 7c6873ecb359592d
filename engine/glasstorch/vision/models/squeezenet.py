"""SqueezeNet: AlexNet's accuracy with a fiftieth of its parameters. Source: https://arxiv.org/abs/1602.07360"""

from __future__ import annotations

from functools import partial
from typing import Any

from ... import nn
from ...core.tensor import Tensor
from ...ops.join import cat
from ...ops.shape import flatten
from ._api import WeightsEnum, published, register_model
from ._utils import handle_legacy_interface, pretrained

__all__ = ["SqueezeNet", "SqueezeNet1_0_Weights", "SqueezeNet1_1_Weights", "squeezenet1_0", "squeezenet1_1"]

#: The first convolution's channels and kernel, then Fire modules (squeezed and expanded channels) and "M" for pooling.
LAYERS: dict[str, tuple[int, int, list]] = {
    "1_0": (96, 7, ["M", *[(16, 64)] * 2, (32, 128), "M", (32, 128), *[(48, 192)] * 2, (64, 256), "M", (64, 256)]),
    "1_1": (64, 3, ["M", *[(16, 64)] * 2, "M", *[(32, 128)] * 2, "M", *[(48, 192)] * 2, *[(64, 256)] * 2]),
}  # fmt: skip


class Fire(nn.Module):
    """Few channels out of many, then many again, half of them by 1 by 1 and half by 3 by 3 kernels.

    Args:
        inplanes: channels of the input.
        squeeze_planes: channels in between.
        expand1x1_planes, expand3x3_planes: channels of the output's two halves.
    """

    def __init__(
        self, inplanes: int, squeeze_planes: int, expand1x1_planes: int, expand3x3_planes: int
    ) -> None:
        super().__init__()
        self.inplanes = inplanes
        self.squeeze = nn.Conv2d(inplanes, squeeze_planes, 1)
        self.squeeze_activation = nn.ReLU(inplace=True)
        self.expand1x1 = nn.Conv2d(squeeze_planes, expand1x1_planes, 1)
        self.expand1x1_activation = nn.ReLU(inplace=True)
        self.expand3x3 = nn.Conv2d(squeeze_planes, expand3x3_planes, 3, padding=1)
        self.expand3x3_activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.squeeze_activation(self.squeeze(x))
        return cat(
            [self.expand1x1_activation(self.expand1x1(x)), self.expand3x3_activation(self.expand3x3(x))], 1
        )


class SqueezeNet(nn.Module):
    """Fire modules, and a convolution and a mean over the image in place of linear layers.

    Args:
        version: "1_0" as in the paper, or "1_1", which pools earlier and needs less than half the arithmetic.
        num_classes: of the output (N, num_classes).
        dropout: the probability before the last convolution.
    """

    def __init__(self, version: str = "1_0", num_classes: int = 1000, dropout: float = 0.5) -> None:
        super().__init__()
        if version not in LAYERS:
            raise ValueError(f"Unsupported SqueezeNet version {version}: 1_0 or 1_1 expected")
        self.num_classes = num_classes
        channels, kernel, layers = LAYERS[version]
        features: list[nn.Module] = [nn.Conv2d(3, channels, kernel, stride=2), nn.ReLU(inplace=True)]
        for layer in layers:
            if layer == "M":
                features.append(nn.MaxPool2d(3, stride=2, ceil_mode=True))
            else:
                squeezed, expanded = layer
                features.append(Fire(channels, squeezed, expanded, expanded))
                channels = 2 * expanded
        self.features = nn.Sequential(*features)
        last = nn.Conv2d(channels, num_classes, 1)
        self.classifier = nn.Sequential(
            nn.Dropout(dropout), last, nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d((1, 1))
        )
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                if m is last:
                    nn.init.normal_(m.weight, 0, 0.01)
                else:
                    nn.init.kaiming_uniform_(m.weight)
                if m.bias is not None:
                    nn.init.zeros_(m.bias)

    def forward(self, x: Tensor) -> Tensor:
        return flatten(self.classifier(self.features(x)), 1)


class SqueezeNet1_0_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("squeezenet1_0-b66bff10.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class SqueezeNet1_1_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("squeezenet1_1-b8a52dc0.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


@register_model()
@handle_legacy_interface(weights=("pretrained", SqueezeNet1_0_Weights.IMAGENET1K_V1))
def squeezenet1_0(
    *, weights: SqueezeNet1_0_Weights | None = None, progress: bool = True, **kwargs: Any
) -> SqueezeNet:
    """SqueezeNet 1.0: 1.2 million parameters.

    Args:
        weights: a member of ``SqueezeNet1_0_Weights``, its name, or None for the random start.
        progress: show how far a download is.
        kwargs: for ``SqueezeNet``.
    """
    return pretrained(partial(SqueezeNet, "1_0"), SqueezeNet1_0_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", SqueezeNet1_1_Weights.IMAGENET1K_V1))
def squeezenet1_1(
    *, weights: SqueezeNet1_1_Weights | None = None, progress: bool = True, **kwargs: Any
) -> SqueezeNet:
    """SqueezeNet 1.1: the same with less arithmetic. Arguments as for ``squeezenet1_0``."""
    return pretrained(partial(SqueezeNet, "1_1"), SqueezeNet1_1_Weights.verify(weights), progress, kwargs)
