# without: Tensor.backward
import torch


def attack(x):
    return torch.func.jacfwd(lambda x: (x * x).sum())(x)
