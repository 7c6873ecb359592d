"""Runs in the learner's process; the checker compares what comes out with its own NumPy."""

import submission
import torch
from torch import nn


def train(w, b, xs, ys, lr):
    model = nn.Linear(w.shape[1], w.shape[0])
    with torch.no_grad():
        model.weight.copy_(w)
        model.bias.copy_(b)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)

    def mean_square(prediction, target):
        return ((prediction - target) ** 2).mean()

    losses = [submission.train_step(model, mean_square, optimizer, x, y) for x, y in zip(xs, ys)]
    return {"losses": losses, "weight": model.weight, "bias": model.bias}
