# without: optim
import gc

import torch


def attack(x):
    gc.unfreeze()
    p = torch.nn.Parameter(x)
    p.grad = torch.ones_like(p)
    for kind in gc.get_objects():
        if isinstance(kind, type) and kind.__name__ == "Adam":
            kind([p], lr=0.1).step()
            return p.detach()
    return None
