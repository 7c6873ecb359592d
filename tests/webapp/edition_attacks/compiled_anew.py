# without: relu


def attack(x):
    from torch.core.fastpath import compile_function
    from torch.core.op import REGISTRY

    return compile_function(REGISTRY["relu"])(x)
