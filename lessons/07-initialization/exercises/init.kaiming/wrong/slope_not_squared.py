# expect: slope: the slope enters squared
import glasstorch as torch


def kaiming_normal_(weight, slope=0.0):
    fan_in = weight.numel() // len(weight)
    std = (2 / ((1 + slope) * fan_in)) ** 0.5
    with torch.no_grad():
        return weight.normal_(0, std)
