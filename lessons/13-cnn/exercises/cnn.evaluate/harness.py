"""A small model with batch normalization, and what became of it."""

import glasstorch as torch
import submission
from glasstorch import nn


class Watched(nn.Sequential):
    graphs = False

    def forward(self, x):
        Watched.graphs = Watched.graphs or torch.is_grad_enabled()
        return super().forward(x)


def evaluate(weight, mean, batches, training):
    """Ask the learner's function about a model whose scores are normalized pictures times a weight."""
    Watched.graphs = False
    model = Watched(nn.BatchNorm1d(weight.shape[1]), nn.Linear(weight.shape[1], weight.shape[0], bias=False))
    with torch.no_grad():
        model[0].running_mean.copy_(mean)
        model[1].weight.copy_(weight)
    model.train(training)
    share = submission.evaluate(model, [tuple(batch) for batch in batches])
    return {
        "kind": type(share).__name__,
        "share": float(share) if isinstance(share, (int, float)) else None,
        "training": [model.training, model[0].training],
        "mean": model[0].running_mean,
        "graphs": Watched.graphs,
    }
