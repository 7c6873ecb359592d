# expect: affine: must return three arrays
import numpy as np


def batch_norm_vjp(grad_out, x, weight, eps=1e-5):
    """The gradients of x, weight and bias of batch normalization in training mode, as a tuple."""
    axes = (0, *range(2, x.ndim))
    spread = np.sqrt(x.var(axis=axes, keepdims=True) + eps)
    normed = (x - x.mean(axis=axes, keepdims=True)) / spread
    grad_bias = grad_out.sum(axis=axes)
    grad_weight = (grad_out * normed).sum(axis=axes)
    g = grad_out * weight.reshape((1, -1) + (1,) * (x.ndim - 2))
    along_mean = g.mean(axis=axes, keepdims=True)
    along_spread = normed * (g * normed).mean(axis=axes, keepdims=True)
    return (g - along_mean - along_spread) / spread, grad_weight
