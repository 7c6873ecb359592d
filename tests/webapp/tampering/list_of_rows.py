# ends: failed
# says: is a list
def relu_backward(x, g):
    return list(g * (x > 0))


def scale(x, factor):
    return x * factor
