# without: nn.Linear
import torch


def attack(x):
    from torch.nn.modules.lazy import Linear

    layer = Linear(2, 3, bias=False)
    torch.nn.init.ones_(layer.weight)
    return layer(x).detach()
