import glasstorch as torch


def kaiming_normal_(weight, slope=0.0):
    """Fill weight in place so that a layer with leaky ReLU of this slope keeps the size of its signal."""
    fan_in = weight.numel() // len(weight)
    std = (2 / ((1 + slope**2) * fan_in)) ** 0.5
    with torch.no_grad():
        return weight.normal_(0, std)
