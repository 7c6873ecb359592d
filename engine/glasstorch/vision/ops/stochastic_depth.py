"""Branches of a residual network left out at random. Source: https://arxiv.org/abs/1603.09382"""

from __future__ import annotations

from typing import Any

from ... import nn
from ...core.tensor import Tensor
from ...ops.create import empty


def stochastic_depth(input: Tensor, p: float, mode: str, training: bool = True) -> Tensor:
    """Zero a whole branch, or the branch of some samples, and scale the rest by ``1 / (1 - p)``.

    Args:
        input: (N, …), the output of a branch.
        p: probability of zeroing, between 0 and 1.
        mode: "batch" draws once for all samples, "row" once for each.
        training: without it the input is returned.
    """
    if p < 0.0 or p > 1.0:
        raise ValueError(f"drop probability has to be between 0 and 1, but got {p}")
    if mode not in ("batch", "row"):
        raise ValueError(f"mode has to be either 'batch' or 'row', but got {mode}")
    if not training or p == 0.0:
        return input
    survival = 1.0 - p
    size = [input.shape[0] if mode == "row" else 1] + [1] * (input.ndim - 1) if input.ndim else []
    noise: Any = empty(size, dtype=input.dtype, device=input.device).bernoulli_(survival)
    if survival > 0.0:
        noise.div_(survival)
    return input * noise


class StochasticDepth(nn.Module):
    """``stochastic_depth`` as a layer: active in training only."""

    def __init__(self, p: float, mode: str) -> None:
        super().__init__()
        self.p, self.mode = p, mode

    def forward(self, input: Tensor) -> Tensor:
        return stochastic_depth(input, self.p, self.mode, self.training)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p={self.p}, mode={self.mode})"
