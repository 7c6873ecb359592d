# expect: linear: It shall return the weight
import glasstorch as torch


def kaiming_normal_(weight, slope=0.0):
    fan_in = weight.numel() // len(weight)
    std = (2 / ((1 + slope**2) * fan_in)) ** 0.5
    with torch.no_grad():
        weight.normal_(0, std)
