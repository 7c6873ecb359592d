# ends: failed
# says: NaN
import numpy as np


def relu_backward(x, g):
    return np.full(x.shape, np.nan, x.dtype)


def scale(x, factor):
    return x * factor
