# ends: failed
# says: shape ()
def relu_backward(x, g):
    return float("nan")


def scale(x, factor):
    return x * factor
