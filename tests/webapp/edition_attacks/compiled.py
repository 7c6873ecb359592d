# without: relu
import torch


def attack(x):
    return torch.compile(torch.core.op.REGISTRY["relu"].function)(x)
