import numpy as np

# put your numerical_gradient here


def gradcheck(f, vjp, *inputs, eps=1e-6, atol=1e-5, rtol=1e-3):
    """True if vjp(g, *inputs) gives the gradients of (g * f(*inputs)).sum(); else a ValueError that names the input.

    f(*inputs) returns an array; vjp returns one gradient for each input, or None for an input that has none.
    """
