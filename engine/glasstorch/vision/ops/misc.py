"""Small building blocks of vision networks. Source: https://pytorch.org/vision/stable/ops.html#layers"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ... import nn
from ...core.frames import warn
from ...core.tensor import Tensor
from ...ops.create import ones, zeros
from ...ops.shape import permute


class FrozenBatchNorm2d(nn.Module):
    """Batch normalization whose statistics and affine parameters never change.

    All four are buffers, so that no optimizer sees them; a saved ``num_batches_tracked`` is dropped on loading.

    Args:
        num_features: the channels C of the input (N, C, H, W).
        eps: added to the variance.
    """

    weight: Any
    bias: Any
    running_mean: Any
    running_var: Any

    def __init__(self, num_features: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.register_buffer("weight", ones(num_features))
        self.register_buffer("bias", zeros(num_features))
        self.register_buffer("running_mean", zeros(num_features))
        self.register_buffer("running_var", ones(num_features))

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args: Any) -> None:
        state_dict.pop(prefix + "num_batches_tracked", None)
        super()._load_from_state_dict(state_dict, prefix, *args)

    def forward(self, x: Tensor) -> Tensor:
        weight, bias, variance, mean = (
            b.reshape(1, -1, 1, 1) for b in (self.weight, self.bias, self.running_var, self.running_mean)
        )
        scale = weight * (variance + self.eps).rsqrt()
        return x * scale + (bias - mean * scale)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.weight.shape[0]}, eps={self.eps})"


def _as_tuple(value: Any, n: int) -> tuple:
    return tuple(value) if isinstance(value, Sequence) else (value,) * n


def _same_padding(kernel_size: Any, dilation: Any) -> Any:
    """The padding with which a convolution of stride 1 and odd kernel keeps the size of its input."""
    if isinstance(kernel_size, int) and isinstance(dilation, int):
        return (kernel_size - 1) // 2 * dilation
    n = len(kernel_size) if isinstance(kernel_size, Sequence) else len(dilation)
    pairs = zip(_as_tuple(kernel_size, n), _as_tuple(dilation, n), strict=True)
    return tuple((k - 1) // 2 * d for k, d in pairs)


class ConvNormActivation(nn.Sequential):
    """What ``Conv2dNormActivation`` and ``Conv3dNormActivation`` share; use those."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...] = 3,
        stride: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] | str | None = None,
        groups: int = 1,
        norm_layer: Callable[..., nn.Module] | None = nn.BatchNorm2d,
        activation_layer: Callable[..., nn.Module] | None = nn.ReLU,
        dilation: int | tuple[int, ...] = 1,
        inplace: bool | None = True,
        bias: bool | None = None,
        conv_layer: Callable[..., nn.Module] = nn.Conv2d,
    ) -> None:
        if padding is None:
            padding = _same_padding(kernel_size, dilation)
        if bias is None:
            bias = norm_layer is None  # a normalization would only subtract it again
        layers = [
            conv_layer(in_channels, out_channels, kernel_size, stride, padding, dilation=dilation, groups=groups,
                       bias=bias)
        ]  # fmt: skip
        if norm_layer is not None:
            layers.append(norm_layer(out_channels))
        if activation_layer is not None:
            layers.append(activation_layer(**({} if inplace is None else {"inplace": inplace})))
        super().__init__(*layers)
        self.out_channels = out_channels
        if type(self) is ConvNormActivation:
            warn(
                "Don't use ConvNormActivation directly, please use Conv2dNormActivation and Conv3dNormActivation "
                "instead.",
            )


class Conv2dNormActivation(ConvNormActivation):
    """A 2-D convolution, a normalization and an activation in a row.

    Args:
        in_channels: channels of the input (N, C, H, W).
        out_channels: channels of the output.
        kernel_size: size of the kernel.
        stride: step of the kernel.
        padding: None means ``(kernel_size - 1) // 2 * dilation``, which keeps height and width at stride 1.
        groups: blocks of channels that do not see each other.
        norm_layer: called with ``out_channels``; None leaves it out.
        activation_layer: called with ``inplace``; None leaves it out.
        dilation: spacing of the kernel's elements.
        inplace: handed to the activation unless None.
        bias: does the convolution have one? None means: only without a normalization.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int] = 3,
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] | str | None = None,
        groups: int = 1,
        norm_layer: Callable[..., nn.Module] | None = nn.BatchNorm2d,
        activation_layer: Callable[..., nn.Module] | None = nn.ReLU,
        dilation: int | tuple[int, int] = 1,
        inplace: bool | None = True,
        bias: bool | None = None,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, groups, norm_layer,
                         activation_layer, dilation, inplace, bias, nn.Conv2d)  # fmt: skip


class Conv3dNormActivation(ConvNormActivation):
    """A 3-D convolution, a normalization and an activation in a row, for video (N, C, T, H, W).

    The arguments are those of ``Conv2dNormActivation``.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int, int] = 3,
        stride: int | tuple[int, int, int] = 1,
        padding: int | tuple[int, int, int] | str | None = None,
        groups: int = 1,
        norm_layer: Callable[..., nn.Module] | None = nn.BatchNorm3d,
        activation_layer: Callable[..., nn.Module] | None = nn.ReLU,
        dilation: int | tuple[int, int, int] = 1,
        inplace: bool | None = True,
        bias: bool | None = None,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, groups, norm_layer,
                         activation_layer, dilation, inplace, bias, nn.Conv3d)  # fmt: skip


class SqueezeExcitation(nn.Module):
    """Weights for the channels of (N, C, H, W), computed from their means. Source: https://arxiv.org/abs/1709.01507

    Args:
        input_channels: the channels C.
        squeeze_channels: channels of the layer between.
        activation: after the first layer (δ in equation 3).
        scale_activation: after the second (σ).
    """

    def __init__(
        self,
        input_channels: int,
        squeeze_channels: int,
        activation: Callable[..., nn.Module] = nn.ReLU,
        scale_activation: Callable[..., nn.Module] = nn.Sigmoid,
    ) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(input_channels, squeeze_channels, 1)
        self.fc2 = nn.Conv2d(squeeze_channels, input_channels, 1)
        self.activation = activation()
        self.scale_activation = scale_activation()

    def _scale(self, input: Tensor) -> Tensor:
        squeezed = self.activation(self.fc1(self.avgpool(input)))
        return self.scale_activation(self.fc2(squeezed))

    def forward(self, input: Tensor) -> Tensor:
        return self._scale(input) * input


class MLP(nn.Sequential):
    """Linear layers with normalization, activation and dropout between them.

    Args:
        in_channels: features of the input.
        hidden_channels: features after each linear layer.
        norm_layer: called with the features; None leaves it out.
        activation_layer: the activation between the layers; the last linear layer has none.
        inplace: handed to activations and dropouts unless None.
        bias: do the linear layers have one?
        dropout: probability of each dropout.
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: list[int],
        norm_layer: Callable[..., nn.Module] | None = None,
        activation_layer: Callable[..., nn.Module] = nn.ReLU,
        inplace: bool | None = None,
        bias: bool = True,
        dropout: float = 0.0,
    ) -> None:
        params: dict[str, Any] = {} if inplace is None else {"inplace": inplace}
        layers: list[nn.Module] = []
        for features in hidden_channels[:-1]:
            layers.append(nn.Linear(in_channels, features, bias=bias))
            if norm_layer is not None:
                layers.append(norm_layer(features))
            layers += [activation_layer(**params), nn.Dropout(dropout, **params)]
            in_channels = features
        layers += [nn.Linear(in_channels, hidden_channels[-1], bias=bias), nn.Dropout(dropout, **params)]
        super().__init__(*layers)


class Permute(nn.Module):
    """``permute`` as a layer.

    Args:
        dims: the order of the dimensions.
    """

    def __init__(self, dims: list[int]) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        return permute(x, self.dims)
