"""Beside the learner's code: a linear model that gives twice as much in train mode, so that numbers tell."""

import glasstorch as torch
import submission
from glasstorch import nn


class Model(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.weights = nn.Parameter(weights.clone())

    def forward(self, x):
        return (2 if self.training else 1) * (x @ self.weights)


def epoch(weights, batches, lr, training, leftover=None):
    """The weights after one epoch of the learner's function, and what it returned."""
    model = Model(weights)
    model.train(training)
    if leftover is not None:
        model.weights.grad = leftover.clone()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    returned = submission.train_epoch_of(model, nn.MSELoss(), optimizer, batches)
    tensor = isinstance(returned, torch.Tensor)
    return {
        "weights": model.weights.detach(),
        "kind": "tensor" if tensor else type(returned).__name__,
        "value": returned if type(returned) in (int, float) else None,
    }
