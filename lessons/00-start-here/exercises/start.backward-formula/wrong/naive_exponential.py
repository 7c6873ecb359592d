# expect: large: NaN or infinity
import glasstorch as torch


def silu_backward(grad_output, x):
    s = torch.exp(x) / (1 + torch.exp(x))
    return grad_output * (s + x * s * (1 - s))
