# without: optim
import sys

import torch


def attack(x):
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "_Closed"]
    from torch.optim.adam import Adam

    p = torch.nn.Parameter(x)
    p.grad = torch.ones_like(p)
    Adam([p], lr=0.1).step()
    return p.detach()
