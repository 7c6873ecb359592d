# without: relu
import torch


def attack(x):
    import linecache

    lines = linecache.getlines("<glasstorch op relu: relu>")
    scope = dict(torch.exp.__globals__, forward=torch.core.op.REGISTRY["relu"].forward)
    exec("".join(lines), scope)
    return scope["relu"](x)
