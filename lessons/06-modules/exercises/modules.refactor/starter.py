import glasstorch as torch
from glasstorch import nn


class Block(nn.Module):
    """h + relu(linear(h)), from hidden to hidden numbers."""

    def __init__(self, hidden):
        super().__init__()
        # your layer

    def forward(self, h):
        pass  # your formula


class ResidualNet(nn.Module):
    """Four measurements in, three scores out."""

    def __init__(self, mean, std, hidden, depth):
        super().__init__()
        # your buffers and modules

    def forward(self, x):
        pass  # your formula
