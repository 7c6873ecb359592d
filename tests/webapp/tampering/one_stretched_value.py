# ends: failed
# says: is off
import numpy as np


def relu_backward(x, g):
    return np.broadcast_to(np.float32(g.sum()), x.shape)


def scale(x, factor):
    return x * factor
