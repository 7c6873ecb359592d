# ends: failed
# says: infinity
import numpy as np


def relu_backward(x, g):
    return np.full(x.shape, np.inf, x.dtype)


def scale(x, factor):
    return x * factor
