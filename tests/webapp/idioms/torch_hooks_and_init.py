import torch
from torch import nn


def answer():
    seen = []
    layer = nn.Linear(3, 3)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    handle = layer.register_forward_hook(lambda module, inputs, output: seen.append(output.shape))
    layer(torch.ones(1, 3))
    handle.remove()
    return seen == [(1, 3)] and not layer.bias.any()
