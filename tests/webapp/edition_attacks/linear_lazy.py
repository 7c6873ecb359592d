# without: nn.Linear
import torch


def attack(x):
    layer = torch.nn.LazyLinear(3, bias=False)
    layer(x)
    torch.nn.init.ones_(layer.weight)
    return layer(x).detach()
