"""ResNet and its wider relatives: layers learn what to add to their input.

Sources: https://arxiv.org/abs/1512.03385 (ResNet), https://arxiv.org/abs/1611.05431 (ResNeXt),
https://arxiv.org/abs/1605.07146 (Wide ResNet)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

from ... import nn
from ...core.tensor import Tensor
from ...ops.shape import flatten
from ._api import WeightsEnum, published, register_model
from ._utils import demand, first_values, handle_legacy_interface, pretrained

__all__ = [
    "ResNet",
    *("ResNet18_Weights", "ResNet34_Weights", "ResNet50_Weights", "ResNet101_Weights", "ResNet152_Weights"),
    *("ResNeXt50_32X4D_Weights", "ResNeXt101_32X8D_Weights", "ResNeXt101_64X4D_Weights"),
    *("Wide_ResNet50_2_Weights", "Wide_ResNet101_2_Weights"),
    *("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"),
    *("resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d", "wide_resnet50_2", "wide_resnet101_2"),
]  # fmt: skip


def conv3x3(
    in_planes: int, out_planes: int, stride: int = 1, groups: int = 1, dilation: int = 1
) -> nn.Conv2d:
    """A 3 by 3 convolution that keeps height and width (at stride 1), without a bias."""
    return nn.Conv2d(
        in_planes, out_planes, 3, stride, padding=dilation, dilation=dilation, groups=groups, bias=False
    )


def conv1x1(in_planes: int, out_planes: int, stride: int = 1) -> nn.Conv2d:
    """A 1 by 1 convolution without a bias."""
    return nn.Conv2d(in_planes, out_planes, 1, stride, bias=False)


class BasicBlock(nn.Module):
    """Two 3 by 3 convolutions around which the input is led: x + f(x).

    Args:
        inplanes: channels of the input.
        planes: channels of the output, divided by ``expansion``.
        stride: of the first convolution.
        downsample: makes the input fit the output, where their shapes differ.
        groups, base_width, dilation: 1, 64 and 1; for others there is ``Bottleneck``.
        norm_layer: called with the number of channels; batch normalization by default.
    """

    expansion: ClassVar[int] = 1

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
        norm_layer: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        if groups != 1 or base_width != 64:
            raise ValueError("BasicBlock only supports groups=1 and base_width=64")
        if dilation > 1:
            raise NotImplementedError("Dilation > 1 not supported in BasicBlock")
        norm_layer = norm_layer or nn.BatchNorm2d
        self.conv1 = conv3x3(inplanes, planes, stride)
        self.bn1 = norm_layer(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = conv3x3(planes, planes)
        self.bn2 = norm_layer(planes)
        self.downsample = downsample
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class Bottleneck(nn.Module):
    """A 3 by 3 convolution between two of 1 by 1 that narrow and widen again: x + f(x).

    The stride is the middle convolution's, not the first one's as in the paper ("ResNet V1.5").

    Args:
        inplanes: channels of the input.
        planes: channels of the output, divided by ``expansion``.
        stride: of the middle convolution.
        downsample: makes the input fit the output, where their shapes differ.
        groups: of the middle convolution (ResNeXt).
        base_width: channels of the middle convolution and one group, for each 64 of ``planes`` (Wide ResNet).
        dilation: of the middle convolution.
        norm_layer: called with the number of channels; batch normalization by default.
    """

    expansion: ClassVar[int] = 4

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
        norm_layer: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        norm_layer = norm_layer or nn.BatchNorm2d
        width = int(planes * (base_width / 64)) * groups
        self.conv1 = conv1x1(inplanes, width)
        self.bn1 = norm_layer(width)
        self.conv2 = conv3x3(width, width, stride, groups, dilation)
        self.bn2 = norm_layer(width)
        self.conv3 = conv1x1(width, planes * self.expansion)
        self.bn3 = norm_layer(planes * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class ResNet(nn.Module):
    """Four stages of residual blocks; each but the first halves height and width.

    Args:
        block: ``BasicBlock`` or ``Bottleneck``.
        layers: blocks in each of the four stages.
        num_classes: of the output (N, num_classes).
        zero_init_residual: let each block begin as the identity (https://arxiv.org/abs/1706.02677).
        groups: of the 3 by 3 convolutions.
        width_per_group: their channels in the first stage.
        replace_stride_with_dilation: for each of the last three stages, keep height and width and spread the
            kernels out instead, as segmentation wants it.
        norm_layer: called with the number of channels; batch normalization by default.

    The input is (N, 3, H, W).
    """

    def __init__(
        self,
        block: type[BasicBlock | Bottleneck],
        layers: list[int],
        num_classes: int = 1000,
        zero_init_residual: bool = False,
        groups: int = 1,
        width_per_group: int = 64,
        replace_stride_with_dilation: Sequence[bool] | None = None,
        norm_layer: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        dilate = (
            (False, False, False) if replace_stride_with_dilation is None else replace_stride_with_dilation
        )
        if len(dilate) != 3:
            raise ValueError(
                f"replace_stride_with_dilation should be None or a 3-element tuple, got {dilate}"
            )
        self._norm_layer = norm_layer = norm_layer or nn.BatchNorm2d
        self.inplanes = 64
        self.dilation = 1
        self.groups = groups
        self.base_width = width_per_group
        self.conv1 = nn.Conv2d(3, self.inplanes, 7, stride=2, padding=3, bias=False)
        self.bn1 = norm_layer(self.inplanes)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = self._make_layer(block, 64, layers[0])
        self.layer2 = self._make_layer(block, 128, layers[1], 2, dilate[0])
        self.layer3 = self._make_layer(block, 256, layers[2], 2, dilate[1])
        self.layer4 = self._make_layer(block, 512, layers[3], 2, dilate[2])
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512 * block.expansion, num_classes)
        first_values(self, None)
        if zero_init_residual:
            for m in self.modules():
                if isinstance(m, (BasicBlock, Bottleneck)):
                    last = m.bn3 if isinstance(m, Bottleneck) else m.bn2
                    if last.weight is not None:
                        nn.init.zeros_(last.weight)

    def _make_layer(
        self,
        block: type[BasicBlock | Bottleneck],
        planes: int,
        blocks: int,
        stride: int = 1,
        dilate: bool = False,
    ) -> nn.Sequential:
        """One stage; only its first block changes channels, height and width."""
        width = planes * block.expansion
        dilation = self.dilation  # of the first block: its input is not spread out yet
        if dilate:
            self.dilation *= stride
            stride = 1
        downsample = None
        if stride != 1 or self.inplanes != width:
            downsample = nn.Sequential(conv1x1(self.inplanes, width, stride), self._norm_layer(width))
        shared = (self.groups, self.base_width)
        first = block(self.inplanes, planes, stride, downsample, *shared, dilation, self._norm_layer)
        self.inplanes = width
        others = [
            block(width, planes, 1, None, *shared, self.dilation, self._norm_layer) for _ in range(1, blocks)
        ]
        return nn.Sequential(first, *others)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(flatten(self.avgpool(x), 1))


def _resnet(
    block: type[BasicBlock | Bottleneck],
    layers: list[int],
    weights: WeightsEnum | None,
    progress: bool,
    kwargs: dict[str, Any],
    **shape: int,
) -> ResNet:
    for name, value in shape.items():  # a ResNeXt with another number of groups would not be that ResNeXt
        demand(kwargs, name, value)
    return pretrained(partial(ResNet, block, layers), weights, progress, kwargs)


class ResNet18_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("resnet18-f37072fd.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class ResNet34_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("resnet34-b627a593.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class ResNet50_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("resnet50-0676ba61.pth", crop_size=224)
    IMAGENET1K_V2 = published("resnet50-11ad3fa6.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class ResNet101_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("resnet101-63fe2227.pth", crop_size=224)
    IMAGENET1K_V2 = published("resnet101-cd907fc2.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class ResNet152_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("resnet152-394f9c45.pth", crop_size=224)
    IMAGENET1K_V2 = published("resnet152-f82ba261.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class ResNeXt50_32X4D_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("resnext50_32x4d-7cdf4587.pth", crop_size=224)
    IMAGENET1K_V2 = published("resnext50_32x4d-1a0047aa.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class ResNeXt101_32X8D_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("resnext101_32x8d-8ba56ff5.pth", crop_size=224)
    IMAGENET1K_V2 = published("resnext101_32x8d-110c445d.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class ResNeXt101_64X4D_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("resnext101_64x4d-173b62eb.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V1


class Wide_ResNet50_2_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("wide_resnet50_2-95faca4d.pth", crop_size=224)
    IMAGENET1K_V2 = published("wide_resnet50_2-9ba9bcbe.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class Wide_ResNet101_2_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("wide_resnet101_2-32ee1156.pth", crop_size=224)
    IMAGENET1K_V2 = published("wide_resnet101_2-d733dc28.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V2


@register_model()
@handle_legacy_interface(weights=("pretrained", ResNet18_Weights.IMAGENET1K_V1))
def resnet18(*, weights: ResNet18_Weights | None = None, progress: bool = True, **kwargs: Any) -> ResNet:
    """ResNet of 18 layers: 11.7 million parameters.

    Args:
        weights: a member of ``ResNet18_Weights``, its name, or None for the random start.
        progress: show how far a download is.
        kwargs: for ``ResNet``.
    """
    return _resnet(BasicBlock, [2, 2, 2, 2], ResNet18_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", ResNet34_Weights.IMAGENET1K_V1))
def resnet34(*, weights: ResNet34_Weights | None = None, progress: bool = True, **kwargs: Any) -> ResNet:
    """ResNet of 34 layers: 21.8 million parameters. Arguments as for ``resnet18``."""
    return _resnet(BasicBlock, [3, 4, 6, 3], ResNet34_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", ResNet50_Weights.IMAGENET1K_V1))
def resnet50(*, weights: ResNet50_Weights | None = None, progress: bool = True, **kwargs: Any) -> ResNet:
    """ResNet of 50 layers: 25.6 million parameters. Arguments as for ``resnet18``."""
    return _resnet(Bottleneck, [3, 4, 6, 3], ResNet50_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", ResNet101_Weights.IMAGENET1K_V1))
def resnet101(*, weights: ResNet101_Weights | None = None, progress: bool = True, **kwargs: Any) -> ResNet:
    """ResNet of 101 layers: 44.5 million parameters. Arguments as for ``resnet18``."""
    return _resnet(Bottleneck, [3, 4, 23, 3], ResNet101_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", ResNet152_Weights.IMAGENET1K_V1))
def resnet152(*, weights: ResNet152_Weights | None = None, progress: bool = True, **kwargs: Any) -> ResNet:
    """ResNet of 152 layers: 60.2 million parameters. Arguments as for ``resnet18``."""
    return _resnet(Bottleneck, [3, 8, 36, 3], ResNet152_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", ResNeXt50_32X4D_Weights.IMAGENET1K_V1))
def resnext50_32x4d(
    *, weights: ResNeXt50_32X4D_Weights | None = None, progress: bool = True, **kwargs: Any
) -> ResNet:
    """ResNeXt of 50 layers, 32 groups of 4 channels. Arguments as for ``resnet18``."""
    return _resnet(
        Bottleneck,
        [3, 4, 6, 3],
        ResNeXt50_32X4D_Weights.verify(weights),
        progress,
        kwargs,
        groups=32,
        width_per_group=4,
    )


@register_model()
@handle_legacy_interface(weights=("pretrained", ResNeXt101_32X8D_Weights.IMAGENET1K_V1))
def resnext101_32x8d(
    *, weights: ResNeXt101_32X8D_Weights | None = None, progress: bool = True, **kwargs: Any
) -> ResNet:
    """ResNeXt of 101 layers, 32 groups of 8 channels. Arguments as for ``resnet18``."""
    return _resnet(
        Bottleneck,
        [3, 4, 23, 3],
        ResNeXt101_32X8D_Weights.verify(weights),
        progress,
        kwargs,
        groups=32,
        width_per_group=8,
    )


@register_model()
@handle_legacy_interface(weights=("pretrained", ResNeXt101_64X4D_Weights.IMAGENET1K_V1))
def resnext101_64x4d(
    *, weights: ResNeXt101_64X4D_Weights | None = None, progress: bool = True, **kwargs: Any
) -> ResNet:
    """ResNeXt of 101 layers, 64 groups of 4 channels. Arguments as for ``resnet18``."""
    return _resnet(
        Bottleneck,
        [3, 4, 23, 3],
        ResNeXt101_64X4D_Weights.verify(weights),
        progress,
        kwargs,
        groups=64,
        width_per_group=4,
    )


@register_model()
@handle_legacy_interface(weights=("pretrained", Wide_ResNet50_2_Weights.IMAGENET1K_V1))
def wide_resnet50_2(
    *, weights: Wide_ResNet50_2_Weights | None = None, progress: bool = True, **kwargs: Any
) -> ResNet:
    """ResNet of 50 layers with 3 by 3 convolutions twice as wide. Arguments as for ``resnet18``."""
    return _resnet(
        Bottleneck,
        [3, 4, 6, 3],
        Wide_ResNet50_2_Weights.verify(weights),
        progress,
        kwargs,
        width_per_group=128,
    )


@register_model()
@handle_legacy_interface(weights=("pretrained", Wide_ResNet101_2_Weights.IMAGENET1K_V1))
def wide_resnet101_2(
    *, weights: Wide_ResNet101_2_Weights | None = None, progress: bool = True, **kwargs: Any
) -> ResNet:
    """ResNet of 101 layers with 3 by 3 convolutions twice as wide. Arguments as for ``resnet18``."""
    return _resnet(
        Bottleneck,
        [3, 4, 23, 3],
        Wide_ResNet101_2_Weights.verify(weights),
        progress,
        kwargs,
        width_per_group=128,
    )
