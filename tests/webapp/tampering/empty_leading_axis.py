# ends: failed
# says: shape
import numpy as np


def relu_backward(x, g):
    return np.zeros((0, 1, 1), np.float32)


def scale(x, factor):
    return x * factor
