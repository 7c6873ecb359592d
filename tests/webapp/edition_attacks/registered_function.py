# without: relu


def attack(x):
    from torch.core.op import REGISTRY

    return REGISTRY["relu"].function(x)
