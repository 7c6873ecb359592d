"""Swin Transformer's attention in windows that shift, and its merging of patches."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ... import nn
from ...core.dtype import float32
from ...core.tensor import Tensor
from ...nn import functional as F
from ...ops.create import ones, zeros
from ...ops.join import cat, stack
from ...ops.ranges import arange

Normalization = Callable[..., nn.Module]


def _four_neighbours(x: Any) -> Tensor:
    """Each 2 by 2 places of (..., H, W, C) as one: (..., H/2, W/2, 4C), where odd sizes get one more row of zeros."""
    height, width = x.shape[-3:-1]
    x = F.pad(x, (0, 0, 0, width % 2, 0, height % 2))
    return cat([x[..., i::2, j::2, :] for j in (0, 1) for i in (0, 1)], -1)


class PatchMerging(nn.Module):
    """From (..., H, W, C) to (..., H/2, W/2, 2C): four neighbours side by side, normalized, then a linear layer.

    Args:
        dim: C.
        norm_layer: called with 4C.
    """

    def __init__(self, dim: int, norm_layer: Normalization = nn.LayerNorm) -> None:
        super().__init__()
        self.dim = dim
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)
        self.norm = norm_layer(4 * dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.reduction(self.norm(_four_neighbours(x)))


class PatchMergingV2(nn.Module):
    """The second version: normalized after the linear layer, so ``norm_layer`` is called with 2C."""

    def __init__(self, dim: int, norm_layer: Normalization = nn.LayerNorm) -> None:
        super().__init__()
        self.dim = dim
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)
        self.norm = norm_layer(2 * dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.reduction(_four_neighbours(x)))


def _windows(x: Any, height: int, width: int) -> Any:
    """(N, H, W, C) cut into windows: (N * windows, height * width, C)."""
    n, H, W, c = x.shape
    x = x.view(n, H // height, height, W // width, width, c)
    return x.permute(0, 1, 3, 2, 4, 5).reshape(-1, height * width, c)


def _strangers(H: int, W: int, window: list[int], shift: list[int], like: Any) -> Any:
    """-100 where two places of a shifted window come from opposite edges of the image, else 0.

    Shape (windows, 1, places, places): what the roll has brought together does not belong together.
    """
    regions = like.new_zeros((1, H, W, 1))
    edges = [(slice(0, -w), slice(-w, -s), slice(-s, None)) for w, s in zip(window, shift)]
    for number, (rows, columns) in enumerate((r, c) for r in edges[0] for c in edges[1]):
        regions[:, rows, columns] = number
    region = _windows(regions, *window).squeeze(-1)
    apart = region.unsqueeze(1) != region.unsqueeze(2)
    return like.new_zeros(apart.shape).masked_fill(apart, -100.0).unsqueeze(1)


def shifted_window_attention(
    input: Any,
    qkv_weight: Tensor,
    proj_weight: Tensor,
    relative_position_bias: Tensor,
    window_size: list[int],
    num_heads: int,
    shift_size: list[int],
    attention_dropout: float = 0.0,
    dropout: float = 0.0,
    qkv_bias: Any = None,
    proj_bias: Tensor | None = None,
    logit_scale: Any = None,
    training: bool = True,
) -> Tensor:
    """Self-attention inside the windows of an image of vectors.

    Args:
        input: (N, H, W, C); padded with zeros to whole windows.
        qkv_weight, qkv_bias: make queries, keys and values, (3C, C) and (3C,).
        proj_weight, proj_bias: of the last linear layer, (C, C) and (C,).
        relative_position_bias: (1, heads, places, places), added before the softmax.
        window_size: height and width of a window.
        shift_size: by how much the windows are moved; 0 where one window is as large as the image.
        attention_dropout, dropout: probabilities on the weights and on the result.
        logit_scale: for the second version: queries and keys are compared by their angle, times the exponential of
            this, and keys have no bias.
        training: with dropout?

    Returns: (N, H, W, C).
    """
    n, height, width, channels = input.shape
    x: Any = F.pad(input, (0, 0, 0, -width % window_size[1], 0, -height % window_size[0]))
    _, H, W, _ = x.shape
    shift = [0 if w >= length else s for s, w, length in zip(shift_size, window_size, (H, W))]
    shifted = sum(shift) > 0
    if shifted:
        x = x.roll((-shift[0], -shift[1]), (1, 2))
    x = _windows(x, *window_size)
    count, places, _ = x.shape

    if logit_scale is not None and qkv_bias is not None:
        qkv_bias = qkv_bias.clone()
        qkv_bias[channels : 2 * channels].zero_()
    qkv: Any = F.linear(x, qkv_weight, qkv_bias)
    q, k, v = qkv.reshape(count, places, 3, num_heads, channels // num_heads).permute(2, 0, 3, 1, 4)
    if logit_scale is not None:
        cosine = F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(-2, -1)  # type: ignore[operator, attr-defined]
        weights = cosine * logit_scale.clamp(max=math.log(100.0)).exp()
    else:
        weights = (q * (channels // num_heads) ** -0.5) @ k.transpose(-2, -1)
    weights = weights + relative_position_bias
    if shifted:
        apart = _strangers(H, W, window_size, shift, x)
        weights = weights.view(n, -1, num_heads, places, places) + apart
        weights = weights.view(count, num_heads, places, places)
    weights = F.dropout(F.softmax(weights, dim=-1), attention_dropout, training)
    x = (weights @ v).transpose(1, 2).reshape(count, places, channels)  # type: ignore[operator]
    x = F.dropout(F.linear(x, proj_weight, proj_bias), dropout, training)

    x = x.view(n, H // window_size[0], W // window_size[1], *window_size, channels)
    x = x.permute(0, 1, 3, 2, 4, 5).reshape(n, H, W, channels)
    if shifted:
        x = x.roll((shift[0], shift[1]), (1, 2))
    return x[:, :height, :width].contiguous()


def _grid(rows: Any, columns: Any) -> Any:
    """All pairs of the two lists: (2, rows, columns)."""
    shape = (len(rows), len(columns))
    return stack([rows.unsqueeze(1).expand(shape), columns.expand(shape)])


class ShiftedWindowAttention(nn.Module):
    """``shifted_window_attention`` with its parameters.

    Args:
        dim: C of the input (N, H, W, C).
        window_size, shift_size, num_heads: as there.
        qkv_bias, proj_bias: have the linear layers a bias?
        attention_dropout, dropout: probabilities.
    """

    relative_position_index: Any

    def __init__(
        self,
        dim: int,
        window_size: list[int],
        shift_size: list[int],
        num_heads: int,
        qkv_bias: bool = True,
        proj_bias: bool = True,
        attention_dropout: float = 0.0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if len(window_size) != 2 or len(shift_size) != 2:
            raise ValueError("window_size and shift_size must be of length 2")
        self.window_size = window_size
        self.shift_size = shift_size
        self.num_heads = num_heads
        self.attention_dropout = attention_dropout
        self.dropout = dropout
        self.qkv = nn.Linear(dim, dim * 3, bias=qkv_bias)
        self.proj = nn.Linear(dim, dim, bias=proj_bias)
        self.define_relative_position_bias_table()
        self.define_relative_position_index()

    def define_relative_position_bias_table(self) -> None:
        """One learnt number for each head and each distance between two places of a window."""
        h, w = self.window_size
        self.relative_position_bias_table: Any = nn.Parameter(
            zeros((2 * h - 1) * (2 * w - 1), self.num_heads)
        )
        nn.init.trunc_normal_(self.relative_position_bias_table, std=0.02)

    def define_relative_position_index(self) -> None:
        """For each two places of a window, the row of the table for their distance."""
        h, w = self.window_size
        places = _grid(arange(h), arange(w)).flatten(1)
        rows, columns = places.unsqueeze(2) - places.unsqueeze(1)
        index = (rows + h - 1) * (2 * w - 1) + columns + w - 1
        self.register_buffer("relative_position_index", index.flatten())

    def _look_up(self, table: Any) -> Any:
        places = self.window_size[0] * self.window_size[1]
        bias = table[self.relative_position_index].view(places, places, -1)
        return bias.permute(2, 0, 1).contiguous().unsqueeze(0)

    def get_relative_position_bias(self) -> Tensor:
        """(1, heads, places, places)."""
        return self._look_up(self.relative_position_bias_table)

    def forward(self, x: Tensor) -> Tensor:
        return shifted_window_attention(
            x,
            self.qkv.weight,
            self.proj.weight,
            self.get_relative_position_bias(),
            self.window_size,
            self.num_heads,
            self.shift_size,
            self.attention_dropout,
            self.dropout,
            self.qkv.bias,
            self.proj.bias,
            getattr(self, "logit_scale", None),  # the second version's
            self.training,
        )


class ShiftedWindowAttentionV2(ShiftedWindowAttention):
    """The second version: angles in place of products, and a small network that makes the table from distances."""

    relative_coords_table: Any

    def __init__(
        self,
        dim: int,
        window_size: list[int],
        shift_size: list[int],
        num_heads: int,
        qkv_bias: bool = True,
        proj_bias: bool = True,
        attention_dropout: float = 0.0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(
            dim, window_size, shift_size, num_heads, qkv_bias, proj_bias, attention_dropout, dropout
        )
        self.logit_scale = nn.Parameter((10 * ones(num_heads, 1, 1)).log())
        self.cpb_mlp = nn.Sequential(
            nn.Linear(2, 512), nn.ReLU(inplace=True), nn.Linear(512, num_heads, bias=False)
        )
        if self.qkv.bias is not None:
            self.qkv.bias.data[dim : 2 * dim].zero_()

    def define_relative_position_bias_table(self) -> None:
        """All distances, from -8 to 8 and on a logarithmic scale: (1, 2h - 1, 2w - 1, 2)."""
        h, w = self.window_size
        rows, columns = (arange(-(n - 1), n, dtype=float32) for n in (h, w))
        table: Any = _grid(rows / (h - 1), columns / (w - 1)).permute(1, 2, 0).unsqueeze(0) * 8
        self.register_buffer(
            "relative_coords_table", (table.sign() * (table.abs() + 1).log2() / 3).contiguous()
        )

    def get_relative_position_bias(self) -> Tensor:
        """(1, heads, places, places)."""
        table = self.cpb_mlp(self.relative_coords_table).view(-1, self.num_heads)
        return 16 * self._look_up(table).sigmoid()
