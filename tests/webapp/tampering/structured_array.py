# ends: failed
# says: dtype
import numpy as np


def relu_backward(x, g):
    return np.zeros(x.shape, [("a", "f4"), ("b", "f4")])


def scale(x, factor):
    return x * factor
