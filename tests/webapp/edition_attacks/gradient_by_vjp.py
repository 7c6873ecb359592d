# without: Tensor.backward
import torch


def attack(x):
    return torch.func.vjp(lambda x: (x * x).sum(), x)[1](torch.tensor(1.0))[0]
