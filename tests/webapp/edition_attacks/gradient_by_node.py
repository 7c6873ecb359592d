# without: autograd
import torch


def attack(x):
    x = x.requires_grad_()
    y = x * x
    return sum(y.grad_fn(torch.ones_like(y))).detach()
