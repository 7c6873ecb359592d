# expect: shapes: TypeError
import numpy as np


def numerical_gradient(f, x, eps=1e-6):
    """The gradient of f at x by central differences, in float64. f takes an array and returns a number."""
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros_like(x)
    for index in range(len(x)) if x.ndim == 1 else [(i, j) for i in range(len(x)) for j in range(x.shape[1])]:
        here = x[index]
        x[index] = here + eps
        above = f(x)
        x[index] = here - eps
        below = f(x)
        x[index] = here
        gradient[index] = (above - below) / (2 * eps)
    return gradient
