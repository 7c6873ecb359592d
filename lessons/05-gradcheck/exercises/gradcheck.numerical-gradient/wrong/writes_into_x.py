# expect: untouched: has changed
import numpy as np


def numerical_gradient(f, x, eps=1e-6):
    """The gradient of f at x by central differences, in float64. f takes an array and returns a number."""
    x = np.asarray(x)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        here = x[index]
        x[index] = here + eps
        above = f(x)
        x[index] = here - eps
        below = f(x)
        x[index] += eps
        gradient[index] = (above - below) / (2 * eps)
    return gradient
