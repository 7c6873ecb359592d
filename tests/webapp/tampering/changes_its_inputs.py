# ends: failed
# says: is off
def relu_backward(x, g):
    x[...] = 0
    g[...] = 0
    return g


def scale(x, factor):
    return x * factor
