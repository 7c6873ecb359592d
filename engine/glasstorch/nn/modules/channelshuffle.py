"""Channels in another order."""

from __future__ import annotations

from ...core.tensor import Tensor
from .. import functional as F
from .module import Module


class ChannelShuffle(Module):
    """The channels of (N, C, *) in another order: one of each of ``groups`` in turn."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, input: Tensor) -> Tensor:
        return F.channel_shuffle(input, self.groups)

    def extra_repr(self) -> str:
        return f"groups={self.groups}"
