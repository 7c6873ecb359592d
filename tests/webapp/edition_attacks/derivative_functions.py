# without: relu
import numpy as np
import torch


def attack(x):
    from torch.core.functions import arrays_for

    return torch.from_numpy(arrays_for(np).relu(x.numpy()))
