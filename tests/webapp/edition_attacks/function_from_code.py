# without: relu


def attack(x):
    import types

    from torch.core.op import REGISTRY

    code = REGISTRY["relu"].function.__code__
    return types.FunctionType(code, REGISTRY["relu"].function.__globals__)(x, out=None)
