# expect: local: the forward value
import glasstorch as torch


def silu_backward(grad_output, x):
    return grad_output * x * torch.sigmoid(x)
