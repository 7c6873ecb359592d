# expect: local: derivative of the sigmoid alone
import glasstorch as torch


def silu_backward(grad_output, x):
    s = torch.sigmoid(x)
    return grad_output * s * (1 - s)
