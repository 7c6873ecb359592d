# without: relu
import torch


def attack(x):
    import importlib
    import sys

    for name in [name for name in sys.modules if name.startswith(("glasstorch", "torch"))]:
        del sys.modules[name]
    fresh = importlib.import_module("glasstorch")
    return torch.from_numpy(fresh.relu(fresh.from_numpy(x.numpy())).numpy())
