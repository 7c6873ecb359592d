# without: Tensor.backward
import torch


def attack(x):
    return torch.autograd.functional.jacobian(lambda x: (x * x).sum(), x)
