# without: relu
import torch


def attack(x):
    return torch.relu(x)
