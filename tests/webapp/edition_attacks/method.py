# without: relu


def attack(x):
    return x.relu()
