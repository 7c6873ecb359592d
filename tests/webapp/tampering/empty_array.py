# ends: failed
# says: shape
import numpy as np


def relu_backward(x, g):
    return np.zeros((0, *x.shape), x.dtype)


def scale(x, factor):
    return x * factor
