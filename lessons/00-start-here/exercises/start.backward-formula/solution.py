import glasstorch as torch


def silu_backward(grad_output, x):
    """The gradient of x, given the gradient of y = x * sigmoid(x)."""
    s = torch.sigmoid(x)
    return grad_output * (s + x * s * (1 - s))
