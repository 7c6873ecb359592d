# ends: failed
# says: (use numbers)
import numpy as np


def relu_backward(x, g):
    return (g * (x > 0)).astype(np.longdouble)


def scale(x, factor):
    return x * factor
