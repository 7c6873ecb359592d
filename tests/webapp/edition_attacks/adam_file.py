# without: optim.Adam
import torch


def attack(x):
    from torch.optim.adam import Adam

    p = torch.nn.Parameter(x)
    p.grad = torch.ones_like(p)
    Adam([p], lr=0.1).step()
    return p.detach()
