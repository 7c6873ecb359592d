import numpy as np


def softmax(x, axis=-1):
    shifted = np.exp(x - x.max(axis=axis, keepdims=True))
    return shifted / shifted.sum(axis=axis, keepdims=True)


def answer():
    p = softmax(np.random.default_rng(0).normal(size=(4, 5)))
    loss = -np.log(p[np.arange(4), [0, 1, 2, 3]]).mean()
    return bool(np.allclose(p.sum(1), 1) and loss > 0)
