# without: relu


def attack(x):
    import gc

    gc.unfreeze()
    for found in gc.get_objects():
        if getattr(found, "__name__", "") == "relu" and callable(found):
            try:
                return found(x)
            except NotImplementedError:
                continue
    return None
