"""Vision Transformer: an image as a sentence of patches. Source: https://arxiv.org/abs/2010.11929"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from ... import nn
from ...core.tensor import Tensor
from ...nn import functional as F
from ...ops.create import empty, zeros
from ...ops.join import cat
from ..ops.misc import MLP, Conv2dNormActivation
from ..transforms.functional import InterpolationMode
from ._api import WeightsEnum, published, register_model
from ._utils import demand, handle_legacy_interface, pretrained

__all__ = [
    "VisionTransformer",
    *("ViT_B_16_Weights", "ViT_B_32_Weights", "ViT_L_16_Weights", "ViT_L_32_Weights", "ViT_H_14_Weights"),
    *("vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32", "vit_h_14"),
]

Normalization = Callable[..., nn.Module]
LAYER_NORM: Normalization = partial(nn.LayerNorm, eps=1e-6)


class ConvStemConfig(NamedTuple):
    """One convolution of a stem that takes the place of the cutting into patches (https://arxiv.org/abs/2106.14881)."""

    out_channels: int
    kernel_size: int
    stride: int
    norm_layer: Normalization = nn.BatchNorm2d
    activation_layer: Callable[..., nn.Module] = nn.ReLU


class MLPBlock(MLP):
    """The two linear layers of an encoder layer, with GELU between them."""

    _version = 2

    def __init__(self, in_dim: int, mlp_dim: int, dropout: float) -> None:
        super().__init__(in_dim, [mlp_dim, in_dim], activation_layer=nn.GELU, inplace=None, dropout=dropout)
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.xavier_uniform_(m.weight)
                if m.bias is not None:
                    nn.init.normal_(m.bias, std=1e-6)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, local_metadata: dict, *args: Any) -> None:
        if (local_metadata.get("version") or 1) < 2:  # files from when the layers had names
            for name, index in (("linear_1", 0), ("linear_2", 3)):
                for kind in ("weight", "bias"):
                    if (old := f"{prefix}{name}.{kind}") in state_dict:
                        state_dict[f"{prefix}{index}.{kind}"] = state_dict.pop(old)
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *args)


def _expect_sequence(x: Tensor) -> None:
    if x.dim() != 3:
        raise AssertionError(f"Expected (batch_size, seq_length, hidden_dim) got {x.shape}")


class EncoderBlock(nn.Module):
    """Self-attention, then two linear layers, each normalized before and added to its input."""

    def __init__(
        self,
        num_heads: int,
        hidden_dim: int,
        mlp_dim: int,
        dropout: float,
        attention_dropout: float,
        norm_layer: Normalization = LAYER_NORM,
    ) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.ln_1 = norm_layer(hidden_dim)
        self.self_attention = nn.MultiheadAttention(
            hidden_dim, num_heads, attention_dropout, batch_first=True
        )
        self.dropout = nn.Dropout(dropout)
        self.ln_2 = norm_layer(hidden_dim)
        self.mlp = MLPBlock(hidden_dim, mlp_dim, dropout)

    def forward(self, input: Tensor) -> Tensor:
        _expect_sequence(input)
        x = self.ln_1(input)
        x, _ = self.self_attention(x, x, x, need_weights=False)
        x = self.dropout(x) + input
        return x + self.mlp(self.ln_2(x))


class Encoder(nn.Module):
    """Adds what each place in the sequence has learnt to be, then the layers."""

    def __init__(
        self,
        seq_length: int,
        num_layers: int,
        num_heads: int,
        hidden_dim: int,
        mlp_dim: int,
        dropout: float,
        attention_dropout: float,
        norm_layer: Normalization = LAYER_NORM,
    ) -> None:
        super().__init__()
        self.pos_embedding = nn.Parameter(empty(1, seq_length, hidden_dim).normal_(std=0.02))
        self.dropout = nn.Dropout(dropout)
        block = partial(EncoderBlock, num_heads, hidden_dim, mlp_dim, dropout, attention_dropout, norm_layer)
        self.layers = nn.Sequential(OrderedDict((f"encoder_layer_{i}", block()) for i in range(num_layers)))
        self.ln = norm_layer(hidden_dim)

    def forward(self, input: Tensor) -> Tensor:
        _expect_sequence(input)
        return self.ln(self.layers(self.dropout(input + self.pos_embedding)))


class VisionTransformer(nn.Module):
    """Patches of an image and one learnt token through a Transformer; the token's place gives the answer.

    Args:
        image_size: height and width of the input (N, 3, image_size, image_size).
        patch_size: height and width of a patch; divides ``image_size``.
        num_layers: of the encoder.
        num_heads: of each self-attention.
        hidden_dim: length of the vector for a patch.
        mlp_dim: length of the vectors in between a layer's two linear layers.
        dropout: the probability after attention and linear layers.
        attention_dropout: the probability on the attention weights.
        num_classes: of the output (N, num_classes).
        representation_size: adds a linear layer of this size, with tanh, before the last one.
        norm_layer: called with ``hidden_dim``; layer normalization by default.
        conv_stem_configs: convolutions instead of the cutting into patches.
    """

    def __init__(
        self,
        image_size: int,
        patch_size: int,
        num_layers: int,
        num_heads: int,
        hidden_dim: int,
        mlp_dim: int,
        dropout: float = 0.0,
        attention_dropout: float = 0.0,
        num_classes: int = 1000,
        representation_size: int | None = None,
        norm_layer: Normalization = LAYER_NORM,
        conv_stem_configs: list[ConvStemConfig] | None = None,
    ) -> None:
        super().__init__()
        if image_size % patch_size:
            raise AssertionError("Input shape indivisible by patch size!")
        self.image_size = image_size
        self.patch_size = patch_size
        self.hidden_dim = hidden_dim
        self.mlp_dim = mlp_dim
        self.attention_dropout = attention_dropout
        self.dropout = dropout
        self.num_classes = num_classes
        self.representation_size = representation_size
        self.norm_layer = norm_layer
        self.conv_proj: Any = (
            nn.Conv2d(3, hidden_dim, patch_size, stride=patch_size)
            if conv_stem_configs is None
            else _conv_stem(conv_stem_configs, hidden_dim)
        )
        self.class_token = nn.Parameter(zeros(1, 1, hidden_dim))
        self.seq_length = (image_size // patch_size) ** 2 + 1
        self.encoder = Encoder(
            self.seq_length,
            num_layers,
            num_heads,
            hidden_dim,
            mlp_dim,
            dropout,
            attention_dropout,
            norm_layer,
        )
        heads: OrderedDict[str, nn.Module] = OrderedDict()
        if representation_size is not None:
            heads["pre_logits"] = nn.Linear(hidden_dim, representation_size)
            heads["act"] = nn.Tanh()
        heads["head"] = nn.Linear(representation_size or hidden_dim, num_classes)
        self.heads = nn.Sequential(heads)
        self._first_values()

    def _first_values(self) -> None:
        projection: Any = self.conv_proj
        if isinstance(projection, nn.Conv2d):
            nn.init.trunc_normal_(projection.weight, std=math.sqrt(1 / (3 * self.patch_size**2)))
        else:
            projection = projection.conv_last
            nn.init.normal_(projection.weight, 0, math.sqrt(2 / projection.out_channels))
        heads: Any = self.heads
        if self.representation_size is not None:
            nn.init.trunc_normal_(heads.pre_logits.weight, std=math.sqrt(1 / self.hidden_dim))
            nn.init.zeros_(heads.pre_logits.bias)
        for zero in (projection.bias, heads.head.weight, heads.head.bias):
            nn.init.zeros_(zero)

    def _process_input(self, x: Tensor) -> Tensor:
        """Images (N, 3, H, W) as sequences of patches (N, patches, hidden_dim)."""
        n, _, h, w = x.shape
        for name, length in (("height", h), ("width", w)):
            if length != self.image_size:
                raise AssertionError(f"Wrong image {name}! Expected {self.image_size} but got {length}!")
        return self.conv_proj(x).reshape(n, self.hidden_dim, self.seq_length - 1).permute(0, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        patches = self._process_input(x)
        token: Any = self.class_token
        x = self.encoder(cat([token.expand(len(patches), -1, -1), patches], 1))
        return self.heads(x[:, 0])


def _conv_stem(configs: list[ConvStemConfig], hidden_dim: int) -> nn.Sequential:
    stem: OrderedDict[str, nn.Module] = OrderedDict()
    channels = 3
    for i, c in enumerate(configs):
        stem[f"conv_bn_relu_{i}"] = Conv2dNormActivation(
            channels, c.out_channels, c.kernel_size, c.stride, norm_layer=c.norm_layer,
            activation_layer=c.activation_layer,
        )  # fmt: skip
        channels = c.out_channels
    stem["conv_last"] = nn.Conv2d(channels, hidden_dim, 1)
    return nn.Sequential(stem)


def _vit(
    patch_size: int,
    num_layers: int,
    num_heads: int,
    hidden_dim: int,
    weights: WeightsEnum | None,
    progress: bool,
    kwargs: dict[str, Any],
) -> VisionTransformer:
    if weights is not None:  # what each place has learnt is for one image size
        demand(kwargs, "image_size", weights.meta["min_size"][0])
    image_size = kwargs.pop("image_size", 224)
    make = partial(
        VisionTransformer, image_size, patch_size, num_layers, num_heads, hidden_dim, 4 * hidden_dim
    )
    return pretrained(make, weights, progress, kwargs)


def interpolate_embeddings(
    image_size: int,
    patch_size: int,
    model_state: OrderedDict[str, Any],
    interpolation_mode: str = "bicubic",
    reset_heads: bool = False,
) -> OrderedDict[str, Any]:
    """A state_dict for images of another size: what the places have learnt is resized like an image.

    Args:
        image_size, patch_size: of the model that is to load the result.
        model_state: the state_dict; its ``encoder.pos_embedding`` is replaced in place.
        interpolation_mode: as for ``nn.functional.interpolate``.
        reset_heads: leave out the last layers, for other classes (only where the size changes, as in torchvision).
    """
    embedding = model_state["encoder.pos_embedding"]
    n, seq_length, hidden_dim = embedding.shape
    if n != 1:
        raise ValueError(f"Unexpected position embedding shape: {embedding.shape}")
    side = image_size // patch_size
    if side**2 + 1 == seq_length:
        return model_state
    old = math.isqrt(seq_length - 1)
    if old**2 != seq_length - 1:
        raise ValueError(
            f"seq_length is not a perfect square! Instead got seq_length_1d * seq_length_1d = {old**2} "
            f"and seq_length = {seq_length - 1}"
        )
    token, places = embedding[:, :1], embedding[:, 1:]
    grid = places.permute(0, 2, 1).reshape(1, hidden_dim, old, old)
    grid = F.interpolate(grid, size=side, mode=interpolation_mode, align_corners=True)
    places = grid.reshape(1, hidden_dim, side**2).permute(0, 2, 1)
    model_state["encoder.pos_embedding"] = cat([token, places], 1)
    if reset_heads:
        return OrderedDict((k, v) for k, v in model_state.items() if not k.startswith("heads"))
    return model_state


class ViT_B_16_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("vit_b_16-c867db91.pth", crop_size=224)
    IMAGENET1K_SWAG_E2E_V1 = published(
        "vit_b_16_swag-9ac1b537.pth", crop_size=384, resize_size=384, interpolation=InterpolationMode.BICUBIC
    )
    IMAGENET1K_SWAG_LINEAR_V1 = published(
        "vit_b_16_lc_swag-4e70ced5.pth",
        crop_size=224,
        resize_size=224,
        interpolation=InterpolationMode.BICUBIC,
    )
    DEFAULT = IMAGENET1K_V1


class ViT_B_32_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("vit_b_32-d86f8d99.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class ViT_L_16_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("vit_l_16-852ce7e3.pth", crop_size=224, resize_size=242)
    IMAGENET1K_SWAG_E2E_V1 = published(
        "vit_l_16_swag-4f3808c9.pth", crop_size=512, resize_size=512, interpolation=InterpolationMode.BICUBIC
    )
    IMAGENET1K_SWAG_LINEAR_V1 = published(
        "vit_l_16_lc_swag-4d563306.pth",
        crop_size=224,
        resize_size=224,
        interpolation=InterpolationMode.BICUBIC,
    )
    DEFAULT = IMAGENET1K_V1


class ViT_L_32_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("vit_l_32-c7638314.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class ViT_H_14_Weights(WeightsEnum):
    IMAGENET1K_SWAG_E2E_V1 = published(
        "vit_h_14_swag-80465313.pth", crop_size=518, resize_size=518, interpolation=InterpolationMode.BICUBIC
    )
    IMAGENET1K_SWAG_LINEAR_V1 = published(
        "vit_h_14_lc_swag-c1eb923e.pth",
        crop_size=224,
        resize_size=224,
        interpolation=InterpolationMode.BICUBIC,
    )
    DEFAULT = IMAGENET1K_SWAG_E2E_V1


@register_model()
@handle_legacy_interface(weights=("pretrained", ViT_B_16_Weights.IMAGENET1K_V1))
def vit_b_16(
    *, weights: ViT_B_16_Weights | None = None, progress: bool = True, **kwargs: Any
) -> VisionTransformer:
    """The base Vision Transformer on patches of 16 by 16: 86.6 million parameters.

    Args:
        weights: a member of ``ViT_B_16_Weights``, its name, or None for the random start.
        progress: show how far a download is.
        kwargs: for ``VisionTransformer``.
    """
    return _vit(16, 12, 12, 768, ViT_B_16_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", ViT_B_32_Weights.IMAGENET1K_V1))
def vit_b_32(
    *, weights: ViT_B_32_Weights | None = None, progress: bool = True, **kwargs: Any
) -> VisionTransformer:
    """The base Vision Transformer on patches of 32 by 32: 88.2 million parameters. Arguments as for ``vit_b_16``."""
    return _vit(32, 12, 12, 768, ViT_B_32_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", ViT_L_16_Weights.IMAGENET1K_V1))
def vit_l_16(
    *, weights: ViT_L_16_Weights | None = None, progress: bool = True, **kwargs: Any
) -> VisionTransformer:
    """The large Vision Transformer on patches of 16 by 16: 304 million parameters. Arguments as for ``vit_b_16``."""
    return _vit(16, 24, 16, 1024, ViT_L_16_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", ViT_L_32_Weights.IMAGENET1K_V1))
def vit_l_32(
    *, weights: ViT_L_32_Weights | None = None, progress: bool = True, **kwargs: Any
) -> VisionTransformer:
    """The large Vision Transformer on patches of 32 by 32: 307 million parameters. Arguments as for ``vit_b_16``."""
    return _vit(32, 24, 16, 1024, ViT_L_32_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", None))
def vit_h_14(
    *, weights: ViT_H_14_Weights | None = None, progress: bool = True, **kwargs: Any
) -> VisionTransformer:
    """The huge Vision Transformer on patches of 14 by 14: 632 million parameters. Arguments as for ``vit_b_16``."""
    return _vit(14, 32, 16, 1280, ViT_H_14_Weights.verify(weights), progress, kwargs)
