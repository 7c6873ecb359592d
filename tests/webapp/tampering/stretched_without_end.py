# ends: failed
# says: larger than
import numpy as np


def relu_backward(x, g):
    return np.broadcast_to(np.float32(0), (1 << 20, 1 << 20))


def scale(x, factor):
    return x * factor
