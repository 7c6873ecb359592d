"""Beside the learner's code: two linear models to train, the engine's and one of plain arrays.

Both give twice as much in train mode; with `shy`, the engine's gives nothing where autograd is on in eval mode. So what
a trainer does with modes and graphs shows in numbers.
"""

import glasstorch as torch
import numpy as np
import submission
from glasstorch import nn


class Model(nn.Module):
    def __init__(self, weights, shy):
        super().__init__()
        self.weights = nn.Parameter(weights.clone())
        self.shy = shy

    def forward(self, x):
        if self.shy and not self.training and torch.is_grad_enabled():
            return 0 * (x @ self.weights)
        return (2 if self.training else 1) * (x @ self.weights)


class Plain:
    """The same on arrays: the least that a model must offer."""

    def __init__(self, weights):
        self.weights, self.gradient, self.training = weights, None, False

    def __call__(self, x):
        self.input = x
        return (2 if self.training else 1) * (x @ self.weights)

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def state_dict(self):
        return {"weights": self.weights}  # the array itself, as in PyTorch

    def load_state_dict(self, state):
        self.weights[...] = state["weights"]


class PlainLoss:
    def __init__(self, model, outputs, targets):
        self.model, self.error = model, outputs - targets

    def item(self):
        return float((self.error**2).mean())

    def backward(self):
        factor = 2 if self.model.training else 1
        new = 2 * factor * self.model.input.T @ self.error / len(self.error)
        self.model.gradient = new if self.model.gradient is None else self.model.gradient + new


class PlainSteps:
    def __init__(self, model, lr):
        self.model, self.lr = model, lr

    def zero_grad(self):
        self.model.gradient = None

    def step(self):
        self.model.weights -= self.lr * self.model.gradient  # in place, as optimizers do


def trainer(weights, lr, plain, shy=False):
    if plain:
        model = Plain(weights.numpy().copy())
        parts = model, lambda outputs, targets: PlainLoss(model, outputs, targets), PlainSteps(model, lr)
    else:
        model = Model(weights, shy)
        parts = model, nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=lr)
    return model, submission.Trainer(*parts)


def ready(batches, plain):
    return [tuple(one.numpy() for one in batch) for batch in batches] if plain else batches


def told(model, returned):
    if isinstance(returned, (list, tuple)) and all(type(one) in (int, float) for one in returned):
        kind, value = "list", [float(one) for one in returned]
    else:
        kind = "tensor" if isinstance(returned, torch.Tensor) else type(returned).__name__
        value = float(returned) if isinstance(returned, (int, float, np.floating)) else None
    weights = model.weights.detach() if isinstance(model.weights, torch.Tensor) else model.weights
    return {"weights": weights, "kind": kind, "value": value}


def train_epoch(weights, batches, lr, plain=False):
    model, own = trainer(weights, lr, plain)
    model.eval()
    return told(model, own.train_epoch(ready(batches, plain)))


def evaluate(weights, batches, plain=False, shy=False):
    model, own = trainer(weights, 0.1, plain, shy)
    model.train()
    return told(model, own.evaluate(ready(batches, plain)))


def fit(weights, batches, valid, lr, epochs, patience, plain=False):
    model, own = trainer(weights, lr, plain)
    return told(model, own.fit(ready(batches, plain), ready(valid, plain), epochs, patience))
