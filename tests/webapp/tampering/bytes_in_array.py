# ends: failed
# says: dtype
import numpy as np


def relu_backward(x, g):
    return np.zeros(x.shape, "V4")


def scale(x, factor):
    return x * factor
