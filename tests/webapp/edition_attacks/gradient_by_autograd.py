# without: Tensor.backward
import torch


def attack(x):
    x = x.requires_grad_()
    return torch.autograd.grad((x * x).sum(), x)[0]
