# without: relu
import torch


def attack(x):
    return torch.nn.functional.relu(x)
