import numpy as np


def dense(x, w, b):
    return np.maximum(x @ w + b, 0)


def softmax(x):
    powers = np.exp(x - x.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
