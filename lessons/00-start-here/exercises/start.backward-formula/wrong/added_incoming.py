# expect: incoming: it must be multiplied
import glasstorch as torch


def silu_backward(grad_output, x):
    s = torch.sigmoid(x)
    return grad_output + s + x * s * (1 - s)
