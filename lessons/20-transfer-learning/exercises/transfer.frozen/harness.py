"""A frozen part between two layers that learn."""

import glasstorch as torch
import submission
from glasstorch import nn


def parts(front, mean, var, back):
    """First layer, the learner's wrapping of a normalization and a ReLU, last layer, with these numbers."""
    n = len(mean)
    first, last = nn.Linear(n, n, bias=False), nn.Linear(n, 1, bias=False)
    inner = nn.Sequential(nn.BatchNorm1d(n), nn.ReLU())
    with torch.no_grad():
        first.weight.copy_(front)
        last.weight.copy_(back)
        inner[0].running_mean.copy_(mean)
        inner[0].running_var.copy_(var)
    return first, submission.Frozen(inner), last, inner


def asking(front, mean, var, back):
    _, frozen, _, inner = parts(front, mean, var, back)
    return {
        "asking": [name for name, p in inner.named_parameters() if p.requires_grad],
        "found": len(list(frozen.parameters())),
    }


def after_train(front, mean, var, back, x, steps):
    """What train(), eval() and some passes leave behind."""
    first, frozen, last, inner = parts(front, mean, var, back)
    whole = nn.Sequential(first, frozen, last)
    returned = whole.train() is whole and frozen.train() is frozen and frozen.eval() is frozen
    frozen.eval()
    follows = not frozen.training
    frozen.train()
    follows = follows and frozen.training
    frozen.eval()
    whole.train()
    results = [whole(x).detach() for _ in range(steps)]
    return {
        "returned": returned,
        "modes": [follows and frozen.training, inner.training, inner[0].training],
        "mean": inner[0].running_mean,
        "var": inner[0].running_var,
        "result": results[-1],
    }


def gradients(front, mean, var, back, x):
    """The gradient of the first layer's weight."""
    first, frozen, last, _ = parts(front, mean, var, back)
    nn.Sequential(first, frozen, last).train()(x).sum().backward()
    return first.weight.grad
