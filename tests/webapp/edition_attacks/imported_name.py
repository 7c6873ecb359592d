# without: relu


def attack(x):
    from torch import relu

    return relu(x)
