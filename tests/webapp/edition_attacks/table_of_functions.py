# without: relu


def attack(x):
    from torch.core.forms import FUNCTIONS

    return FUNCTIONS["relu"](x)
