import glasstorch as torch


def attention(q, k, v, mask=None):
    """The mixture of values for each query, and the weights."""


def attention_vjp(grad_out, q, k, v, mask=None):
    """The gradients of q, k and v, given the gradient of attention's output."""
