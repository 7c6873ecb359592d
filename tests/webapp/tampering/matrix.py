# ends: failed
# says: is off
import numpy as np


def relu_backward(x, g):
    return np.matrix(g + 1)


def scale(x, factor):
    return x * factor
