import numpy as np


def answer():
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    y = x.T @ x + np.eye(4) - x.mean(axis=0, keepdims=True)
    return y.shape == (4, 4) and np.allclose(
        np.linalg.inv(np.linalg.inv(y + 9 * np.eye(4))), y + 9 * np.eye(4), atol=1e-3
    )
