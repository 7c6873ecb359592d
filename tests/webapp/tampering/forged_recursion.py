# ends: failed
# says: calls itself
def relu_backward(x, g):
    raise RecursionError("passed")


def scale(x, factor):
    return x * factor
