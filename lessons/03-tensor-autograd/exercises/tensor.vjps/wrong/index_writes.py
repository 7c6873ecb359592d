# expect: index: one contribution only
import numpy as np


def matmul_vjp(grad_out, a, b):
    """The gradients of a and of b, for a @ b."""
    return grad_out @ b.T, a.T @ grad_out


def sum_vjp(grad_out, x, dim=None, keepdim=False):
    """The gradient of x, for x.sum(dim, keepdim)."""
    if dim is not None and not keepdim:
        grad_out = np.expand_dims(grad_out, dim)
    return np.broadcast_to(grad_out, x.shape)


def index_vjp(grad_out, x, index):
    """The gradient of x, for x[index]."""
    grad = np.zeros_like(x)
    grad[index] += grad_out
    return grad
