# without: Tensor.backward
import torch


def attack(x):
    x = x.requires_grad_()
    torch.autograd.backward((x * x).sum())
    return x.grad
