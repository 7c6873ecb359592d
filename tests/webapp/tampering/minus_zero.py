# ends: failed
# says: is off
import numpy as np


def relu_backward(x, g):
    return np.full(x.shape, -0.0, x.dtype)


def scale(x, factor):
    return x * factor
