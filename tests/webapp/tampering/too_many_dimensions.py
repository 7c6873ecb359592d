# ends: failed
# says:
import numpy as np


def relu_backward(x, g):
    return np.zeros((1,) * 33, np.float32)


def scale(x, factor):
    return x * factor
