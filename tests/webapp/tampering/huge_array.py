# ends: failed
# says: larger than
import numpy as np


def relu_backward(x, g):
    return np.zeros(50 << 20, np.uint8)


def scale(x, factor):
    return x * factor
