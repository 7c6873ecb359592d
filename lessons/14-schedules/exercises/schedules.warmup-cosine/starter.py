import math


def set_rate(optimizer, rate):
    """Set the learning rate of an optimizer, the engine's or your own."""
    if hasattr(optimizer, "param_groups"):
        for group in optimizer.param_groups:
            group["lr"] = rate
    else:
        optimizer.lr = rate


class WarmupCosine:
    """A straight rise to the peak, then half a cosine down to the lowest rate."""

    def __init__(self, optimizer, peak, warmup, total, lowest=0.0):
        self.optimizer = optimizer
        self.peak = peak
        self.warmup = warmup
        self.total = total
        self.lowest = lowest
        # the optimizer needs the rate of step 0 from the start

    def rate(self, k):
        """The learning rate of step k (0, 1, 2, ...)."""
        # your formula

    def step(self):
        """Go on to the next step's rate."""
        # your lines
