# without: optim.Adam
import torch


def attack(x):
    p = torch.nn.Parameter(x)
    p.grad = torch.ones_like(p)
    torch.optim.AdamW([p], lr=0.1, weight_decay=0.0).step()
    return p.detach()
