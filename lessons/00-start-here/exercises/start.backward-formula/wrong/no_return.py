# expect: local: Is a `return` missing?
import glasstorch as torch


def silu_backward(grad_output, x):
    s = torch.sigmoid(x)
    grad_output * (s + x * s * (1 - s))
