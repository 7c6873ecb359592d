"""Beside the learner's code: their module with given weights."""

import glasstorch as torch
import submission

LAYERS = ("query", "key", "value", "output")


def result(x, weights, *how):
    module = submission.MultiHeadAttention(*how)
    missing = [name for name in LAYERS if not hasattr(module, name)]
    if missing:
        return {"missing": missing[0]}
    with torch.no_grad():
        for name, weight in zip(LAYERS, weights):
            layer = getattr(module, name)
            layer.weight.copy_(weight)
            layer.bias.zero_()
        return module(x)
