"""FCN: a classifying network applied to every place of the image. Source: https://arxiv.org/abs/1411.4038"""

from __future__ import annotations

from typing import Any

from .... import nn
from ...transforms._presets import SemanticSegmentation
from .._api import WeightsEnum, published, register_model
from .._utils import handle_legacy_interface
from ..resnet import ResNet50_Weights, ResNet101_Weights, resnet50, resnet101
from ._utils import _SimpleSegmentationModel, resnet_backbone, settle

__all__ = ["FCN", "FCN_ResNet50_Weights", "FCN_ResNet101_Weights", "fcn_resnet50", "fcn_resnet101"]


class FCN(_SimpleSegmentationModel):
    """A fully convolutional network: a backbone and one or two ``FCNHead``."""


class FCNHead(nn.Sequential):
    """From features of ``in_channels`` to scores of ``channels`` classes."""

    def __init__(self, in_channels: int, channels: int) -> None:
        width = in_channels // 4
        super().__init__(
            nn.Conv2d(in_channels, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Conv2d(width, channels, 1),
        )


class FCN_ResNet50_Weights(WeightsEnum):
    COCO_WITH_VOC_LABELS_V1 = published(
        "fcn_resnet50_coco-1167a1af.pth", preset=SemanticSegmentation, resize_size=520
    )
    DEFAULT = COCO_WITH_VOC_LABELS_V1


class FCN_ResNet101_Weights(WeightsEnum):
    COCO_WITH_VOC_LABELS_V1 = published(
        "fcn_resnet101_coco-7ecb50ca.pth", preset=SemanticSegmentation, resize_size=520
    )
    DEFAULT = COCO_WITH_VOC_LABELS_V1


def _fcn(
    resnet: Any, weights_backbone: Any, weights: WeightsEnum | None, progress: bool, wanted: dict
) -> FCN:
    """An FCN on ``resnet``, whose last two stages are spread out instead of shrinking the image further."""
    wanted = settle(weights, wanted, aux_loss=True)
    classes, aux = wanted["num_classes"] or 21, wanted["aux_loss"]
    trained = weights_backbone if weights is None else None
    net = resnet(weights=trained, replace_stride_with_dilation=[False, True, True])
    aux_classifier = FCNHead(1024, classes) if aux else None
    model = FCN(resnet_backbone(net, aux), FCNHead(2048, classes), aux_classifier)
    if weights is not None:
        model.load_state_dict(weights.get_state_dict(progress=progress, check_hash=True))
    return model


@register_model()
@handle_legacy_interface(
    weights=("pretrained", FCN_ResNet50_Weights.COCO_WITH_VOC_LABELS_V1),
    weights_backbone=("pretrained_backbone", ResNet50_Weights.IMAGENET1K_V1),
)
def fcn_resnet50(
    *,
    weights: FCN_ResNet50_Weights | None = None,
    progress: bool = True,
    num_classes: int | None = None,
    aux_loss: bool | None = None,
    weights_backbone: ResNet50_Weights | None = ResNet50_Weights.IMAGENET1K_V1,
    **kwargs: Any,
) -> FCN:
    """FCN on ResNet-50: 35 million parameters.

    Args:
        weights: a member of ``FCN_ResNet50_Weights``, its name, or None for the random start.
        progress: show how far a download is.
        num_classes: with the background; 21 by default.
        aux_loss: with the auxiliary classifier?
        weights_backbone: for the backbone, where ``weights`` is None.
        kwargs: without effect, as in torchvision.
    """
    weights = FCN_ResNet50_Weights.verify(weights)
    wanted = {"num_classes": num_classes, "aux_loss": aux_loss}
    return _fcn(resnet50, ResNet50_Weights.verify(weights_backbone), weights, progress, wanted)


@register_model()
@handle_legacy_interface(
    weights=("pretrained", FCN_ResNet101_Weights.COCO_WITH_VOC_LABELS_V1),
    weights_backbone=("pretrained_backbone", ResNet101_Weights.IMAGENET1K_V1),
)
def fcn_resnet101(
    *,
    weights: FCN_ResNet101_Weights | None = None,
    progress: bool = True,
    num_classes: int | None = None,
    aux_loss: bool | None = None,
    weights_backbone: ResNet101_Weights | None = ResNet101_Weights.IMAGENET1K_V1,
    **kwargs: Any,
) -> FCN:
    """FCN on ResNet-101: 54 million parameters. Arguments as for ``fcn_resnet50``."""
    weights = FCN_ResNet101_Weights.verify(weights)
    wanted = {"num_classes": num_classes, "aux_loss": aux_loss}
    return _fcn(resnet101, ResNet101_Weights.verify(weights_backbone), weights, progress, wanted)
