import numpy as np


def batch_norm_vjp(grad_out, x, weight, eps=1e-5):
    """The gradients of x, weight and bias of batch normalization in training mode, as a tuple."""
    # compute the normalized x again; then three formulas
