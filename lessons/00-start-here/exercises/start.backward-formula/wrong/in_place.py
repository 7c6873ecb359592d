# expect: shapes: changed `grad_output`
import glasstorch as torch


def silu_backward(grad_output, x):
    s = torch.sigmoid(x)
    grad_output *= s + x * s * (1 - s)
    return grad_output
