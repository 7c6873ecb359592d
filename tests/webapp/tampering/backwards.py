# ends: failed
# says: is off
import numpy as np


def relu_backward(x, g):
    return np.ascontiguousarray(g)[::-1, ::-1]


def scale(x, factor):
    return x * factor
