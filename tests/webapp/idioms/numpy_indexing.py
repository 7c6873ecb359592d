import numpy as np


def answer():
    x = np.arange(10)
    x[x % 2 == 0] *= -1
    picked = np.take(x, [1, 3]) + x[[5, 7]] + x[1:5:2]
    onehot = np.eye(4)[np.array([0, 2])]
    return picked.tolist() == [1 + 5 + 1, 3 + 7 + 3] and onehot.sum() == 2 and np.where(x < 0)[0].size == 4
