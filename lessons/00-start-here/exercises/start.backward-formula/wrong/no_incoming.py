# expect: incoming: is left out
import glasstorch as torch


def silu_backward(grad_output, x):
    s = torch.sigmoid(x)
    return s + x * s * (1 - s)
