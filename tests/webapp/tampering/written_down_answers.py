# ends: failed
# says: is off
import numpy as np


def relu_backward(x, g):
    return np.random.default_rng(5).normal(size=x.shape).astype(np.float32)


def scale(x, factor):
    return x * factor
