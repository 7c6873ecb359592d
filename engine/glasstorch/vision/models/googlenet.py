"""GoogLeNet: several kernels side by side in every layer. Source: https://arxiv.org/abs/1409.4842"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ... import nn
from ...core.frames import warn
from ...core.tensor import Tensor
from ...nn import functional as F
from ...ops.join import cat
from ...ops.shape import flatten
from ._api import WeightsEnum, published, register_model
from ._utils import handle_legacy_interface, pretrained

__all__ = ["GoogLeNet", "GoogLeNetOutputs", "_GoogLeNetOutputs", "GoogLeNet_Weights", "googlenet"]


class GoogLeNetOutputs(NamedTuple):
    """What training gets: the scores, and those of the two auxiliary classifiers in the middle."""

    logits: Tensor
    aux_logits2: Tensor | None
    aux_logits1: Tensor | None


_GoogLeNetOutputs = GoogLeNetOutputs


def as_tensorflow_saw_it(x: Tensor) -> Tensor:
    """From ImageNet's mean and deviation to mean and deviation 0.5, for weights that came from TensorFlow."""
    means, deviations = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    channels = [x[:, i : i + 1] * (deviations[i] / 0.5) + (means[i] - 0.5) / 0.5 for i in range(3)]
    return cat(channels, 1)


def normal_start(model: nn.Module, deviation: Callable[[nn.Module], float]) -> None:
    """Normal numbers cut at ±2 for convolutions and linear layers; 1 and 0 for normalizations."""
    for m in model.modules():
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            nn.init.trunc_normal_(m.weight, 0, deviation(m), -2, 2)
        elif isinstance(m, nn.BatchNorm2d):
            nn.init.ones_(m.weight)
            nn.init.zeros_(m.bias)


def warn_of_start(name: str) -> None:
    """torchvision's warning that a later version may begin with other values."""
    warn(
        f"The default weight initialization of {name} will be changed in future releases of torchvision. "
        "Say which you want: init_weights=True is the old one.",
        FutureWarning,
    )


class GoogLeNet(nn.Module):
    """Nine Inception layers.

    Args:
        num_classes: of the output (N, num_classes).
        aux_logits: with the two auxiliary classifiers, which training gets as well (``GoogLeNetOutputs``).
        transform_input: take images normalized as ImageNet's are, whatever the weights were trained with.
        init_weights: give the parameters GoogLeNet's own first values, else leave each layer's; None warns.
        blocks: in place of ``BasicConv2d``, ``Inception`` and ``InceptionAux``.
        dropout: the probability before the linear layer.
        dropout_aux: the probability in the auxiliary classifiers.

    The input is (N, 3, H, W), at least 15 by 15.
    """

    def __init__(
        self,
        num_classes: int = 1000,
        aux_logits: bool = True,
        transform_input: bool = False,
        init_weights: bool | None = None,
        blocks: Sequence[Callable[..., nn.Module]] | None = None,
        dropout: float = 0.2,
        dropout_aux: float = 0.7,
    ) -> None:
        super().__init__()
        if init_weights is None:
            warn_of_start("GoogleNet")
        blocks = [BasicConv2d, Inception, InceptionAux] if blocks is None else blocks
        if len(blocks) != 3:
            raise ValueError(f"blocks length should be 3 instead of {len(blocks)}")
        conv, inception, aux = blocks
        self.aux_logits = aux_logits
        self.transform_input = transform_input
        self.conv1 = conv(3, 64, kernel_size=7, stride=2, padding=3)
        self.maxpool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.conv2 = conv(64, 64, kernel_size=1)
        self.conv3 = conv(64, 192, kernel_size=3, padding=1)
        self.maxpool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception3a = inception(192, 64, 96, 128, 16, 32, 32)
        self.inception3b = inception(256, 128, 128, 192, 32, 96, 64)
        self.maxpool3 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception4a = inception(480, 192, 96, 208, 16, 48, 64)
        self.inception4b = inception(512, 160, 112, 224, 24, 64, 64)
        self.inception4c = inception(512, 128, 128, 256, 24, 64, 64)
        self.inception4d = inception(512, 112, 144, 288, 32, 64, 64)
        self.inception4e = inception(528, 256, 160, 320, 32, 128, 128)
        self.maxpool4 = nn.MaxPool2d(2, stride=2, ceil_mode=True)
        self.inception5a = inception(832, 256, 160, 320, 32, 128, 128)
        self.inception5b = inception(832, 384, 192, 384, 48, 128, 128)
        self.aux1 = aux(512, num_classes, dropout=dropout_aux) if aux_logits else None
        self.aux2 = aux(528, num_classes, dropout=dropout_aux) if aux_logits else None
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(1024, num_classes)
        if init_weights or init_weights is None:
            normal_start(self, lambda m: 0.01)

    def forward(self, x: Tensor) -> Tensor | GoogLeNetOutputs:
        if self.transform_input:
            x = as_tensorflow_saw_it(x)
        x = self.maxpool2(self.conv3(self.conv2(self.maxpool1(self.conv1(x)))))
        x = self.inception4a(self.maxpool3(self.inception3b(self.inception3a(x))))
        aux1 = self.aux1(x) if self.aux1 is not None and self.training else None
        x = self.inception4d(self.inception4c(self.inception4b(x)))
        aux2 = self.aux2(x) if self.aux2 is not None and self.training else None
        x = self.inception5b(self.inception5a(self.maxpool4(self.inception4e(x))))
        x = self.fc(self.dropout(flatten(self.avgpool(x), 1)))
        return GoogLeNetOutputs(x, aux2, aux1) if self.training and self.aux_logits else x


class Inception(nn.Module):
    """Four branches side by side: 1 by 1; 3 by 3; 3 by 3 again (the paper has 5 by 5); a maximum.

    Args:
        in_channels: of the input.
        ch1x1, ch3x3, ch5x5, pool_proj: channels of the branches' outputs.
        ch3x3red, ch5x5red: channels before the larger kernels.
        conv_block: makes a convolution.
    """

    def __init__(
        self,
        in_channels: int,
        ch1x1: int,
        ch3x3red: int,
        ch3x3: int,
        ch5x5red: int,
        ch5x5: int,
        pool_proj: int,
        conv_block: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        conv = conv_block or BasicConv2d
        self.branch1 = conv(in_channels, ch1x1, kernel_size=1)
        self.branch2 = nn.Sequential(
            conv(in_channels, ch3x3red, kernel_size=1), conv(ch3x3red, ch3x3, kernel_size=3, padding=1)
        )
        self.branch3 = nn.Sequential(
            conv(in_channels, ch5x5red, kernel_size=1), conv(ch5x5red, ch5x5, kernel_size=3, padding=1)
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1, ceil_mode=True), conv(in_channels, pool_proj, kernel_size=1)
        )

    def forward(self, x: Tensor) -> Tensor:
        return cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class InceptionAux(nn.Module):
    """A classifier in the middle of the network, which brings gradients to the early layers in training."""

    def __init__(
        self,
        in_channels: int,
        num_classes: int,
        conv_block: Callable[..., nn.Module] | None = None,
        dropout: float = 0.7,
    ) -> None:
        super().__init__()
        self.conv = (conv_block or BasicConv2d)(in_channels, 128, kernel_size=1)
        self.fc1 = nn.Linear(2048, 1024)
        self.fc2 = nn.Linear(1024, num_classes)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = flatten(self.conv(F.adaptive_avg_pool2d(x, (4, 4))), 1)
        return self.fc2(self.dropout(F.relu(self.fc1(x), inplace=True)))


class BasicConv2d(nn.Module):
    """A convolution, batch normalization, ReLU."""

    def __init__(self, in_channels: int, out_channels: int, **kwargs: Any) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, bias=False, **kwargs)
        self.bn = nn.BatchNorm2d(out_channels, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)), inplace=True)


class GoogLeNet_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("googlenet-1378be20.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


@register_model()
@handle_legacy_interface(weights=("pretrained", GoogLeNet_Weights.IMAGENET1K_V1))
def googlenet(*, weights: GoogLeNet_Weights | None = None, progress: bool = True, **kwargs: Any) -> GoogLeNet:
    """GoogLeNet: 6.6 million parameters, without the auxiliary classifiers.

    Args:
        weights: a member of ``GoogLeNet_Weights``, its name, or None for the random start.
        progress: show how far a download is.
        kwargs: for ``GoogLeNet``. With weights, the auxiliary classifiers are left out unless ``aux_logits=True``;
            those in the file are not trained.
    """
    weights = GoogLeNet_Weights.verify(weights)
    if weights is None:
        return GoogLeNet(**kwargs)
    keep = kwargs.get("aux_logits", False)
    kwargs.setdefault("transform_input", True)
    model = pretrained(GoogLeNet, weights, progress, kwargs, aux_logits=True, init_weights=False)
    if keep:
        warn(
            "auxiliary heads in the pretrained googlenet model are NOT pretrained, so make sure to train them",
        )
    else:
        model.aux_logits, model.aux1, model.aux2 = False, None, None
    return model
