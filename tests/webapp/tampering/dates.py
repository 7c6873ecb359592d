# ends: failed
# says: dtype datetime64
import numpy as np


def relu_backward(x, g):
    return np.zeros(x.shape, "datetime64[s]")


def scale(x, factor):
    return x * factor
