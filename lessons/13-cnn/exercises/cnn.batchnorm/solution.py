import numpy as np


def batch_norm(x, running_mean, running_var, weight, bias, training, momentum=0.1, eps=1e-5):
    """Batch normalization of x (N, C) or (N, C, H, W); in training it also updates running_mean and running_var."""
    axes = (0, *range(2, x.ndim))
    shape = (1, -1) + (1,) * (x.ndim - 2)
    if training:
        mean, var = x.mean(axis=axes), x.var(axis=axes)
        running_mean *= 1 - momentum
        running_mean += momentum * mean
        running_var *= 1 - momentum
        running_var += momentum * x.var(axis=axes, ddof=1)
    else:
        mean, var = running_mean, running_var
    normed = (x - mean.reshape(shape)) / np.sqrt(var.reshape(shape) + eps)
    return normed * weight.reshape(shape) + bias.reshape(shape)
