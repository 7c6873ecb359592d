import glasstorch as torch
from glasstorch import nn


class MultiHeadAttention(nn.Module):
    """Self-attention with several heads; with causal=True no position sees a later one."""

    def __init__(self, width, heads, causal=False):
        super().__init__()
        # four layers

    def forward(self, x):
        pass  # (batch, L, width) in, the same out
