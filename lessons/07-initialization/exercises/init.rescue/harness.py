"""Beside the learner's code: measure the network that it builds, and train it."""

import glasstorch as torch
import submission
from glasstorch import nn
from glasstorch.nn import functional as F


def _built(depth, hidden, seed):
    torch.manual_seed(seed)
    return submission.build(depth, hidden)


def shapes(depth, hidden):
    model = _built(depth, hidden, 0)
    if not isinstance(model, nn.Sequential):
        return {"kind": type(model).__name__, "linear": [], "between": True}
    linear = [tuple(layer.weight.shape) for layer in model if isinstance(layer, nn.Linear)]
    kinds = [type(layer).__name__ for layer in model][: 2 * depth]
    return {"kind": "Sequential", "linear": linear, "between": kinds == ["Linear", "ReLU"] * depth}


def behind(depth, hidden, seed, x):
    """The size of the values and the share of dead units behind each hidden layer, and the scores."""
    sizes, dead, values = [], [], x
    with torch.no_grad():
        for number, layer in enumerate(_built(depth, hidden, seed)):
            values = layer(values)
            if isinstance(layer, nn.ReLU) and number < 2 * depth:
                sizes.append((values**2).mean().sqrt().item())
                dead.append((values <= 0).all(dim=0).float().mean().item())
    return {"sizes": sizes, "dead": dead, "scores": values}


def trained(depth, hidden, seed, x, y, steps):
    model = _built(depth, hidden, seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    return model
