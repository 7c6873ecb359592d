# without: nn.Linear
import torch


def attack(x):
    return torch.nn.functional.linear(x, torch.ones(3, 2))
