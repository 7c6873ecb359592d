# without: relu
import torch


def attack(x):
    layer = torch.nn.Sequential(torch.nn.modules.activation.ReLU())
    return layer(x)
