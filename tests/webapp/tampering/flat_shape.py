# ends: failed
# says: arrangement
def relu_backward(x, g):
    return (g * (x > 0)).ravel()


def scale(x, factor):
    return x * factor
