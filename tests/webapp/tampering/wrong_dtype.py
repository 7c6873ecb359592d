# ends: failed
# says: dtype float64
# earns: odd-shapes
def relu_backward(x, g):
    return (g * (x > 0)).astype("float64")


def scale(x, factor):
    return x * factor
