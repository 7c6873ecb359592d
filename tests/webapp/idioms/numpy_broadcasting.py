import numpy as np


def answer():
    with np.errstate(divide="ignore"):
        ratio = np.array([1.0]) / np.zeros(1)
    x = np.einsum("ij,kj->ik", np.ones((2, 3)), np.ones((4, 3)))
    np.set_printoptions(precision=3, suppress=True)
    print(x, np.concatenate([x, x]).shape, np.stack([x, x], axis=-1).shape)
    return np.isinf(ratio).all() and x[:, None].shape == (2, 1, 4) and np.argmax(x) == 0
