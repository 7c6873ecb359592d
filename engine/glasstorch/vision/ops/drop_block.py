"""Dropout of whole blocks of neighbours. Source: https://arxiv.org/abs/1810.12890"""

from __future__ import annotations

import math
from typing import Any

from ... import nn
from ...core.tensor import Tensor
from ...nn import functional as F
from ...ops.create import empty


def _drop_block(
    input: Any, p: float, block_size: int, inplace: bool, eps: float, training: bool, n: int
) -> Tensor:
    if p < 0.0 or p > 1.0:
        raise ValueError(f"drop probability has to be between 0 and 1, but got {p}.")
    if input.ndim != n + 2:
        raise ValueError(f"input should be {n + 2} dimensional. Got {input.ndim} dimensions.")
    if not training or p == 0.0:
        return input
    size = input.shape[2:]
    block = min(block_size, *size)
    if block % 2 == 0:
        raise ValueError(f"block size should be odd. Got {block} which is even.")
    # Where blocks may begin, and how likely each must be for a share p of the elements to be dropped
    starts = [side - block + 1 for side in size]
    dropped = p
    for side in size:
        dropped *= side
    gamma = dropped / (block**n * math.prod(starts))
    noise: Any = empty((*input.shape[:2], *starts), dtype=input.dtype, device=input.device)
    noise.bernoulli_(gamma)
    # Each centre grows to its block
    noise = F.pad(noise, [block // 2] * (2 * n), value=0)
    max_pool = F.max_pool2d if n == 2 else F.max_pool3d
    kept = 1 - max_pool(noise, stride=1, kernel_size=block, padding=block // 2)
    scale = kept.numel() / (eps + kept.sum())
    return input.mul_(kept).mul_(scale) if inplace else input * kept * scale


def drop_block2d(
    input: Tensor, p: float, block_size: int, inplace: bool = False, eps: float = 1e-06, training: bool = True
) -> Tensor:
    """Zero square blocks of (N, C, H, W) and scale the rest up.

    Args:
        input: (N, C, H, W).
        p: share of the elements to drop, between 0 and 1.
        block_size: side of a block, odd; at most the smaller side of the input.
        inplace: change the given tensor.
        eps: added to the number of kept elements in the scale.
        training: without it the input is returned.
    """
    return _drop_block(input, p, block_size, inplace, eps, training, 2)


def drop_block3d(
    input: Tensor, p: float, block_size: int, inplace: bool = False, eps: float = 1e-06, training: bool = True
) -> Tensor:
    """``drop_block2d`` with cubes, for (N, C, D, H, W)."""
    return _drop_block(input, p, block_size, inplace, eps, training, 3)


class DropBlock2d(nn.Module):
    """``drop_block2d`` as a layer: active in training only."""

    def __init__(self, p: float, block_size: int, inplace: bool = False, eps: float = 1e-06) -> None:
        super().__init__()
        self.p, self.block_size, self.inplace, self.eps = p, block_size, inplace, eps

    def forward(self, input: Tensor) -> Tensor:
        return drop_block2d(input, self.p, self.block_size, self.inplace, self.eps, self.training)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p={self.p}, block_size={self.block_size}, inplace={self.inplace})"


class DropBlock3d(DropBlock2d):
    """``drop_block3d`` as a layer: active in training only."""

    def forward(self, input: Tensor) -> Tensor:
        return drop_block3d(input, self.p, self.block_size, self.inplace, self.eps, self.training)
