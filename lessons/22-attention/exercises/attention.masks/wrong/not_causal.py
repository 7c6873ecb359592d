# expect: documents: what comes later in its text
import glasstorch as torch


def causal(n):
    """(n, n): each position looks at itself and at those before it."""
    i = torch.arange(n)
    return i[None, :] <= i[:, None]


def window(n, width):
    """(n, n): each position looks at itself and at the width - 1 positions right before it."""
    i = torch.arange(n)
    back = i[:, None] - i[None, :]
    return (back >= 0) & (back < width)


def padding(lengths, longest):
    """(batch, 1, longest): nobody looks at what only fills up a row."""
    return torch.arange(longest) < lengths[:, None, None]


def documents(number):
    """(n, n): each position looks at itself and at those before it in its own text."""
    return number[:, None] == number[None, :]


def for_multihead(mask):
    """The same mask for nn.MultiheadAttention, where True means "leave out"."""
    return ~mask
