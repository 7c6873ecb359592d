# ends: failed
# says: a Reducing
import os


class Reducing:
    def __reduce__(self):
        return os.system, ("true",)


def relu_backward(x, g):
    return Reducing()


def scale(x, factor):
    return x * factor
