# expect: wrong: must name the first wrong input
import numpy as np


def numerical_gradient(f, x, eps=1e-6):
    """The gradient of f at x by central differences, in float64. f takes an array and returns a number."""
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        here = x[index]
        x[index] = here + eps
        above = f(x)
        x[index] = here - eps
        below = f(x)
        x[index] = here
        gradient[index] = (above - below) / (2 * eps)
    return gradient


def gradcheck(f, vjp, *inputs, eps=1e-6, atol=1e-5, rtol=1e-3):
    """True if vjp(g, *inputs) gives the gradients of (g * f(*inputs)).sum(); else a ValueError that names the input.

    f(*inputs) returns an array; vjp returns one gradient for each input, or None for an input that has none.
    """
    g = np.random.default_rng(0).normal(size=np.shape(f(*inputs)))
    gradients = vjp(g, *inputs)
    if len(gradients) != len(inputs):
        raise ValueError(f"{len(gradients)} gradients for {len(inputs)} inputs")
    for k, (value, gradient) in enumerate(zip(inputs, gradients)):
        if gradient is None:
            continue
        if np.shape(gradient) != np.shape(value):
            raise ValueError(f"the gradient of input {k} has shape {np.shape(gradient)}")
        wanted = numerical_gradient(
            lambda a, k=k: (g * f(*inputs[:k], a, *inputs[k + 1 :])).sum(), value, eps
        )
        if not np.allclose(gradient, wanted, rtol, atol):
            raise ValueError("wrong")
    return True
