# ends: failed
# says: more text
def relu_backward(x, g):
    return "x" * 10_000_000


def scale(x, factor):
    return x * factor
