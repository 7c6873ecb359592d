# expect: values: All elements were moved at once
import numpy as np


def numerical_gradient(f, x, eps=1e-6):
    slope = (f(x + eps) - f(x - eps)) / (2 * eps)
    return np.full(np.shape(x), slope)
