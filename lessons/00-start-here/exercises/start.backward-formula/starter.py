import glasstorch as torch


def silu_backward(grad_output, x):
    """The gradient of x, given the gradient of y = x * sigmoid(x)."""
    # your formula
