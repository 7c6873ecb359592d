import glasstorch as torch


def kaiming_normal_(weight, slope=0.0):
    """Fill weight in place so that a layer with leaky ReLU of this slope keeps the size of its signal."""
    # your formula, and a return
