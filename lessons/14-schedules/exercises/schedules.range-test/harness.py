"""Beside the learner's code: a linear model in two parameter groups with learning rates of their own."""

import glasstorch as torch
import submission
from glasstorch import nn


def test(weight, bias, batches, low, high, lrs):
    """What the learner's range test returns, and what it leaves behind."""
    model = nn.Linear(len(weight), 1)
    with torch.no_grad():
        model.weight.copy_(weight.reshape(1, -1))
        model.bias.copy_(bias)
    groups = [{"params": [model.weight], "lr": lrs[0]}, {"params": [model.bias], "lr": lrs[1]}]
    optimizer = torch.optim.SGD(groups)
    returned = submission.find_rates(
        model,
        lambda outputs, labels: ((outputs.squeeze(1) - labels) ** 2).mean(),
        optimizer,
        batches,
        low,
        high,
    )
    kinds, lists = [], []
    for one in returned if isinstance(returned, (list, tuple)) else [returned]:
        plain = isinstance(one, (list, tuple)) and all(type(n) in (int, float) for n in one)
        tensors = isinstance(one, (list, tuple)) and any(isinstance(n, torch.Tensor) for n in one)
        kinds.append("list" if plain else "tensors" if tensors else type(one).__name__)
        lists.append([float(n) for n in one] if plain or tensors else None)
    return {
        "kinds": kinds,
        "lists": lists,
        "weight": model.weight.detach().reshape(-1),
        "bias": model.bias.detach(),
        "lrs": [float(group["lr"]) for group in optimizer.param_groups],
    }
