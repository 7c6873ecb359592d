# expect: local: x is also used inside the sigmoid
import glasstorch as torch


def silu_backward(grad_output, x):
    return grad_output * torch.sigmoid(x)
