import glasstorch as torch


def causal(n):
    """(n, n): each position looks at itself and at those before it."""


def window(n, width):
    """(n, n): each position looks at itself and at the width - 1 positions right before it."""


def padding(lengths, longest):
    """(batch, 1, longest): nobody looks at what only fills up a row."""


def documents(number):
    """(n, n): each position looks at itself and at those before it in its own text."""


def for_multihead(mask):
    """The same mask for nn.MultiheadAttention, where True means "leave out"."""
