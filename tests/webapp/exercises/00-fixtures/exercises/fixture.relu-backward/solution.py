import numpy as np


def relu_backward(x, g):
    return np.where(x > 0, g, 0).astype(g.dtype)


def scale(x, factor):
    return x * factor
