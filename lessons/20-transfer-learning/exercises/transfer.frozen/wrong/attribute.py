# expect: parameters: which nobody reads
from glasstorch import nn


class Frozen(nn.Module):
    """A trained network that takes part in a training without being changed by it."""

    def __init__(self, inner):
        super().__init__()
        inner.requires_grad = False
        self.inner = inner.eval()

    def train(self, mode=True):
        super().train(mode)
        self.inner.eval()
        return self

    def forward(self, x):
        return self.inner(x)
