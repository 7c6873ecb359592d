# expect: linear: A unit adds up its inputs
import glasstorch as torch


def kaiming_normal_(weight, slope=0.0):
    fan_in = weight.shape[0]
    std = (2 / ((1 + slope**2) * fan_in)) ** 0.5
    with torch.no_grad():
        return weight.normal_(0, std)
