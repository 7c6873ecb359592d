# without: optim


def attack(x):
    import torch.optim

    p = torch.nn.Parameter(x)
    p.grad = torch.ones_like(p)
    torch.optim.Adam([p], lr=0.1).step()
    return p.detach()
