# without: nn.Linear
import torch


def attack(x):
    from torch.nn.modules.linear import Linear

    layer = Linear.__new__(Linear)
    torch.nn.Module.__init__(layer)
    layer.weight, layer.bias = torch.nn.Parameter(torch.ones(3, 2)), None
    return layer(x).detach()
