import glasstorch as torch


def softplus(x):
    """log(1 + exp(x)), right for small and large numbers."""
    # your formula


def softplus_backward(grad_output, x):
    """The gradient of x, given the gradient of softplus(x)."""
    # your formula
