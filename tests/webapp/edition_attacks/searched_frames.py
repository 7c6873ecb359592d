# without: relu


def attack(x):
    import sys

    frame = sys._getframe()
    while frame:
        for value in [*frame.f_locals.values(), *frame.f_globals.values()]:
            found = getattr(value, "relu", None)
            if callable(found):
                return found(x)
        frame = frame.f_back
    return None
