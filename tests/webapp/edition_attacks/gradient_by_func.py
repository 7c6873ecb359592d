# without: Tensor.backward
import torch


def attack(x):
    return torch.func.grad(lambda x: (x * x).sum())(x)
