# without: relu
import torch


def attack(x):
    return torch.func.vmap(torch.core.op.REGISTRY["relu"].function)(x)
