"""What the segmentation networks share: a backbone, a classifier of its features, the way back to the image's size."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from .... import nn
from ....core.tensor import Tensor
from ....nn import functional as F
from .._api import WeightsEnum
from .._utils import IntermediateLayerGetter


class _SimpleSegmentationModel(nn.Module):
    """A classifier on a backbone's features.

    Args:
        backbone: from images to a dict of features: "out", and "aux" if there is an auxiliary classifier.
        classifier: from features (N, C, h, w) to scores (N, classes, h, w).
        aux_classifier: the same for "aux"; its scores are a second output, for training.

    From images (N, 3, H, W) to a dict of scores (N, classes, H, W): "out", and "aux".
    """

    def __init__(
        self, backbone: nn.Module, classifier: nn.Module, aux_classifier: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.classifier = classifier
        self.aux_classifier = aux_classifier

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        size = x.shape[-2:]
        features = self.backbone(x)
        result: OrderedDict[str, Tensor] = OrderedDict()
        result["out"] = resize(self.classifier(features["out"]), size)
        if self.aux_classifier is not None:
            result["aux"] = resize(self.aux_classifier(features["aux"]), size)
        return result


def resize(x: Tensor, size: Any) -> Tensor:
    """Features in another height and width, with the values between found linearly."""
    return F.interpolate(x, size=size, mode="bilinear", align_corners=False)


def settle(weights: WeightsEnum | None, wanted: dict[str, Any], **fixed: Any) -> dict[str, Any]:
    """The arguments ``wanted``, with what weights demand in place of None; ValueError where the two differ."""
    if weights is None:
        return wanted
    fixed["num_classes"] = len(weights.meta["categories"])
    for name, value in fixed.items():
        if wanted[name] not in (None, value):
            raise ValueError(f"The parameter '{name}' expected value {value} but got {wanted[name]} instead.")
    return {**wanted, **fixed}


def resnet_backbone(resnet: nn.Module, aux: bool | None) -> IntermediateLayerGetter:
    """A ResNet without its last layers: features of 2048 channels, and 1024 for the auxiliary classifier."""
    return IntermediateLayerGetter(resnet, {"layer4": "out", **({"layer3": "aux"} if aux else {})})


def mobilenet_stages(features: Any) -> list[int]:
    """The places in MobileNet V3's features after which they are coarser; the first and the last layer too."""
    coarser = [i for i, block in enumerate(features) if getattr(block, "_is_cn", False)]
    return [0, *coarser, len(features) - 1]
