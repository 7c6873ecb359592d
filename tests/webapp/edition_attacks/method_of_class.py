# without: relu
import torch


def attack(x):
    return torch.Tensor.relu(x)
