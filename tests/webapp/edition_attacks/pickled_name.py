# without: relu


def attack(x):
    import pickle

    return pickle.loads(b"cglasstorch\nrelu\n.")(x)
