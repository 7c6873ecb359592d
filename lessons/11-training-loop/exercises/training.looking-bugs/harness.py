"""Beside the learner's code: a linear model that turns its scores round where it must not be, so that numbers tell."""

import glasstorch as torch
import submission
from glasstorch import nn


class Model(nn.Module):
    def __init__(self, weights, turns):
        super().__init__()
        self.weights = nn.Parameter(weights.clone())
        self.turns = turns

    def forward(self, x):
        wrong = {"mode": self.training, "graph": torch.is_grad_enabled()}.get(self.turns, False)
        return (-1 if wrong else 1) * (x @ self.weights)


def accuracy(weights, batches, turns):
    """What the learner's function returns.

    turns: "mode" for a model that is wrong in train mode, "graph" for one that is wrong with autograd, or "".
    """
    model = Model(weights, turns)
    model.train()
    returned = submission.accuracy_of(model, batches)
    return float(returned) if type(returned) in (int, float) else type(returned).__name__
