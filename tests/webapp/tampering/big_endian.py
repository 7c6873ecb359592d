# ends: failed
# says: is off
def relu_backward(x, g):
    return (g + 1).astype(">f4")


def scale(x, factor):
    return x * factor
