# ends: failed
# says: dtype str
def relu_backward(x, g):
    return (g * (x > 0)).astype(str)


def scale(x, factor):
    return x * factor
