# expect: local: still multiplied by x
import glasstorch as torch


def silu_backward(grad_output, x):
    s = torch.sigmoid(x)
    return grad_output * (s + s * (1 - s))
