# ends: failed
# says: dtype bool
def relu_backward(x, g):
    return x > 0


def scale(x, factor):
    return x * factor
