# expect: local: x is also a factor of its own
import glasstorch as torch


def silu_backward(grad_output, x):
    s = torch.sigmoid(x)
    return grad_output * x * s * (1 - s)
