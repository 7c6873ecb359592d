"""DeepLabV3: kernels spread out at several rates, side by side. Source: https://arxiv.org/abs/1706.05587"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .... import nn
from ....core.tensor import Tensor
from ....ops.join import cat
from ...transforms._presets import SemanticSegmentation
from .._api import WeightsEnum, published, register_model
from .._utils import IntermediateLayerGetter, handle_legacy_interface
from ..mobilenetv3 import MobileNet_V3_Large_Weights, mobilenet_v3_large
from ..resnet import ResNet50_Weights, ResNet101_Weights, resnet50, resnet101
from ._utils import _SimpleSegmentationModel, mobilenet_stages, resize, resnet_backbone, settle
from .fcn import FCNHead

__all__ = [
    "DeepLabV3",
    *("DeepLabV3_ResNet50_Weights", "DeepLabV3_ResNet101_Weights", "DeepLabV3_MobileNet_V3_Large_Weights"),
    *("deeplabv3_mobilenet_v3_large", "deeplabv3_resnet50", "deeplabv3_resnet101"),
]


class DeepLabV3(_SimpleSegmentationModel):
    """A backbone, a ``DeepLabHead``, and for training an ``FCNHead``."""


class DeepLabHead(nn.Sequential):
    """From features of ``in_channels`` to scores of ``num_classes``, by way of ``ASPP``."""

    def __init__(
        self, in_channels: int, num_classes: int, atrous_rates: Sequence[int] = (12, 24, 36)
    ) -> None:
        super().__init__(
            ASPP(in_channels, atrous_rates),
            nn.Conv2d(256, 256, 3, padding=1, bias=False),
            nn.BatchNorm2d(256),
            nn.ReLU(),
            nn.Conv2d(256, num_classes, 1),
        )


class ASPPConv(nn.Sequential):
    """A 3 by 3 kernel whose places lie ``dilation`` apart."""

    def __init__(self, in_channels: int, out_channels: int, dilation: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, 3, padding=dilation, dilation=dilation, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
        )


class ASPPPooling(nn.Sequential):
    """What the image as a whole looks like, at every place."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(in_channels, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
        )

    def forward(self, input: Tensor) -> Tensor:
        return resize(super().forward(input), input.shape[-2:])


class ASPP(nn.Module):
    """Atrous spatial pyramid pooling: a 1 by 1 kernel, one for each rate, and the whole image, side by side."""

    def __init__(self, in_channels: int, atrous_rates: Sequence[int], out_channels: int = 256) -> None:
        super().__init__()
        narrow = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.convs = nn.ModuleList(
            [
                nn.Sequential(narrow, nn.BatchNorm2d(out_channels), nn.ReLU()),
                *(ASPPConv(in_channels, out_channels, rate) for rate in atrous_rates),
                ASPPPooling(in_channels, out_channels),
            ]
        )
        self.project = nn.Sequential(
            nn.Conv2d(len(self.convs) * out_channels, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Dropout(0.5),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.project(cat([conv(x) for conv in self.convs], 1))


class DeepLabV3_ResNet50_Weights(WeightsEnum):
    COCO_WITH_VOC_LABELS_V1 = published(
        "deeplabv3_resnet50_coco-cd0a2569.pth", preset=SemanticSegmentation, resize_size=520
    )
    DEFAULT = COCO_WITH_VOC_LABELS_V1


class DeepLabV3_ResNet101_Weights(WeightsEnum):
    COCO_WITH_VOC_LABELS_V1 = published(
        "deeplabv3_resnet101_coco-586e9e4e.pth", preset=SemanticSegmentation, resize_size=520
    )
    DEFAULT = COCO_WITH_VOC_LABELS_V1


class DeepLabV3_MobileNet_V3_Large_Weights(WeightsEnum):
    COCO_WITH_VOC_LABELS_V1 = published(
        "deeplabv3_mobilenet_v3_large-fc3c493d.pth", preset=SemanticSegmentation, resize_size=520
    )
    DEFAULT = COCO_WITH_VOC_LABELS_V1


def _deeplabv3_resnet(
    resnet: Any, weights_backbone: Any, weights: WeightsEnum | None, progress: bool, wanted: dict
) -> DeepLabV3:
    wanted = settle(weights, wanted, aux_loss=True)
    classes, aux = wanted["num_classes"] or 21, wanted["aux_loss"]
    trained = weights_backbone if weights is None else None
    net = resnet(weights=trained, replace_stride_with_dilation=[False, True, True])
    aux_classifier = FCNHead(1024, classes) if aux else None
    model = DeepLabV3(resnet_backbone(net, aux), DeepLabHead(2048, classes), aux_classifier)
    return _loaded(model, weights, progress)


def _deeplabv3_mobilenetv3(
    weights_backbone: Any, weights: WeightsEnum | None, progress: bool, wanted: dict
) -> DeepLabV3:
    wanted = settle(weights, wanted, aux_loss=True)
    classes, aux = wanted["num_classes"] or 21, wanted["aux_loss"]
    features: Any = mobilenet_v3_large(
        weights=weights_backbone if weights is None else None, dilated=True
    ).features
    stages = mobilenet_stages(features)
    out, middle = stages[-1], stages[-4]
    backbone = IntermediateLayerGetter(features, {str(out): "out", **({str(middle): "aux"} if aux else {})})
    aux_classifier = FCNHead(features[middle].out_channels, classes) if aux else None
    model = DeepLabV3(backbone, DeepLabHead(features[out].out_channels, classes), aux_classifier)
    return _loaded(model, weights, progress)


def _loaded(model: DeepLabV3, weights: WeightsEnum | None, progress: bool) -> DeepLabV3:
    if weights is not None:
        model.load_state_dict(weights.get_state_dict(progress=progress, check_hash=True))
    return model


@register_model()
@handle_legacy_interface(
    weights=("pretrained", DeepLabV3_ResNet50_Weights.COCO_WITH_VOC_LABELS_V1),
    weights_backbone=("pretrained_backbone", ResNet50_Weights.IMAGENET1K_V1),
)
def deeplabv3_resnet50(
    *,
    weights: DeepLabV3_ResNet50_Weights | None = None,
    progress: bool = True,
    num_classes: int | None = None,
    aux_loss: bool | None = None,
    weights_backbone: ResNet50_Weights | None = ResNet50_Weights.IMAGENET1K_V1,
    **kwargs: Any,
) -> DeepLabV3:
    """DeepLabV3 on ResNet-50: 42 million parameters.

    Args:
        weights: a member of ``DeepLabV3_ResNet50_Weights``, its name, or None for the random start.
        progress: show how far a download is.
        num_classes: with the background; 21 by default.
        aux_loss: with the auxiliary classifier?
        weights_backbone: for the backbone, where ``weights`` is None.
        kwargs: without effect, as in torchvision.
    """
    weights = DeepLabV3_ResNet50_Weights.verify(weights)
    wanted = {"num_classes": num_classes, "aux_loss": aux_loss}
    return _deeplabv3_resnet(resnet50, ResNet50_Weights.verify(weights_backbone), weights, progress, wanted)


@register_model()
@handle_legacy_interface(
    weights=("pretrained", DeepLabV3_ResNet101_Weights.COCO_WITH_VOC_LABELS_V1),
    weights_backbone=("pretrained_backbone", ResNet101_Weights.IMAGENET1K_V1),
)
def deeplabv3_resnet101(
    *,
    weights: DeepLabV3_ResNet101_Weights | None = None,
    progress: bool = True,
    num_classes: int | None = None,
    aux_loss: bool | None = None,
    weights_backbone: ResNet101_Weights | None = ResNet101_Weights.IMAGENET1K_V1,
    **kwargs: Any,
) -> DeepLabV3:
    """DeepLabV3 on ResNet-101: 61 million parameters. Arguments as for ``deeplabv3_resnet50``."""
    weights = DeepLabV3_ResNet101_Weights.verify(weights)
    wanted = {"num_classes": num_classes, "aux_loss": aux_loss}
    return _deeplabv3_resnet(resnet101, ResNet101_Weights.verify(weights_backbone), weights, progress, wanted)


@register_model()
@handle_legacy_interface(
    weights=("pretrained", DeepLabV3_MobileNet_V3_Large_Weights.COCO_WITH_VOC_LABELS_V1),
    weights_backbone=("pretrained_backbone", MobileNet_V3_Large_Weights.IMAGENET1K_V1),
)
def deeplabv3_mobilenet_v3_large(
    *,
    weights: DeepLabV3_MobileNet_V3_Large_Weights | None = None,
    progress: bool = True,
    num_classes: int | None = None,
    aux_loss: bool | None = None,
    weights_backbone: MobileNet_V3_Large_Weights | None = MobileNet_V3_Large_Weights.IMAGENET1K_V1,
    **kwargs: Any,
) -> DeepLabV3:
    """DeepLabV3 on MobileNet V3 Large: 11 million parameters. Arguments as for ``deeplabv3_resnet50``."""
    weights = DeepLabV3_MobileNet_V3_Large_Weights.verify(weights)
    wanted = {"num_classes": num_classes, "aux_loss": aux_loss}
    return _deeplabv3_mobilenetv3(
        MobileNet_V3_Large_Weights.verify(weights_backbone), weights, progress, wanted
    )
