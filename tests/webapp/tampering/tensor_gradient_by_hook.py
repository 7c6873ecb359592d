# ends: failed
# says: gradient of x
# exercise: fixture.train-step
import torch


def square_norm(x, w):
    value = ((x * w) ** 2).sum()
    x.register_hook(lambda gradient: torch.zeros(3, 4))
    return value


class Doubler: ...


def train_step(model, loss_fn, optimizer, x, y):
    return 0.0
