# ends: failed
# says: dtype complex64
def relu_backward(x, g):
    return (g * (x > 0)).astype("complex64")


def scale(x, factor):
    return x * factor
