import numpy as np


def numerical_gradient(f, x, eps=1e-6):
    """The gradient of f at x by central differences, in float64. f takes an array and returns a number."""
    # move one element at a time; leave x as it was
