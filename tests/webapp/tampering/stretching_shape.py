# ends: failed
# says: shape


def relu_backward(x, g):
    return (g * (x > 0))[None]


def scale(x, factor):
    return x * factor
