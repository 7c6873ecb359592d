# ends: failed
# says: dtype
import numpy as np


def relu_backward(x, g):
    return np.rec.array([(1.0, 2.0)], dtype=[("a", "f4"), ("b", "f4")])


def scale(x, factor):
    return x * factor
