# without: relu


def attack(x):
    from torch.core.dispatch import general
    from torch.core.op import REGISTRY

    return general(REGISTRY["relu"], (x,))
