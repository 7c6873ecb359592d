import numpy as np


def answer():
    np.random.seed(0)
    first = np.random.randn(3)
    np.random.seed(0)
    rng = np.random.default_rng(1)
    order = rng.permutation(5)
    return (
        np.array_equal(first, np.random.randn(3))
        and sorted(order) == list(range(5))
        and rng.normal(size=(2, 2)).shape == (2, 2)
    )
