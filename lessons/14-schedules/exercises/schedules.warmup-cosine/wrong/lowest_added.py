# expect: falls: on top
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
        self.k = 0
        set_rate(self.optimizer, self.rate(0))

    def rate(self, k):
        """The learning rate of step k (0, 1, 2, ...)."""
        if k < self.warmup:
            return self.peak * (k + 1) / self.warmup
        if k >= self.total:
            return self.lowest
        t = (k - self.warmup) / (self.total - self.warmup)
        return self.lowest + self.peak * 0.5 * (1 + math.cos(math.pi * t))

    def step(self):
        """Go on to the next step's rate."""
        self.k += 1
        set_rate(self.optimizer, self.rate(self.k))
