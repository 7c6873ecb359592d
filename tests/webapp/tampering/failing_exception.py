# ends: failed
# says: Nasty
class Nasty(Exception):
    def __str__(self):
        raise Nasty


def relu_backward(x, g):
    raise Nasty


def scale(x, factor):
    return x * factor
