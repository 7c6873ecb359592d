# without: relu
import numpy as np
import torch


def attack(x):
    from torch.core.op import REGISTRY

    return torch.from_numpy(REGISTRY["relu"].forward(np, x.numpy()))
