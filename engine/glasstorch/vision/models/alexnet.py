"""AlexNet, the network that started it. Source: https://arxiv.org/abs/1404.5997"""

from __future__ import annotations

from typing import Any

from ... import nn
from ...core.tensor import Tensor
from ...ops.shape import flatten
from ._api import WeightsEnum, published, register_model
from ._utils import handle_legacy_interface, pretrained

__all__ = ["AlexNet", "AlexNet_Weights", "alexnet"]


class AlexNet(nn.Module):
    """Five convolutions, three linear layers.

    Args:
        num_classes: of the output (N, num_classes).
        dropout: the probability before the first two linear layers.

    The input is (N, 3, H, W), at least 63 by 63.
    """

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(64, 192, 5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(192, 384, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(256 * 6 * 6, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(flatten(self.avgpool(self.features(x)), 1))


class AlexNet_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("alexnet-owt-7be5be79.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


@register_model()
@handle_legacy_interface(weights=("pretrained", AlexNet_Weights.IMAGENET1K_V1))
def alexnet(*, weights: AlexNet_Weights | None = None, progress: bool = True, **kwargs: Any) -> AlexNet:
    """AlexNet: 61 million parameters, nearly all in the linear layers.

    Args:
        weights: a member of ``AlexNet_Weights``, its name, or None for the random start.
        progress: show how far a download is.
        kwargs: for ``AlexNet``.
    """
    return pretrained(AlexNet, AlexNet_Weights.verify(weights), progress, kwargs)
