# without: relu


def attack(x):
    import importlib

    import torch.ops.pointwise as found

    return importlib.reload(found).relu(x)
