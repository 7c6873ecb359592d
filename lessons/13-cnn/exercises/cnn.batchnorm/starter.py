import numpy as np


def batch_norm(x, running_mean, running_var, weight, bias, training, momentum=0.1, eps=1e-5):
    """Batch normalization of x (N, C) or (N, C, H, W); in training it also updates running_mean and running_var."""
    # which dimensions are averaged over? every one but the channels
