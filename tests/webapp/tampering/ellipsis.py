# ends: failed
# says: an ellipsis
def relu_backward(x, g):
    return ...


def scale(x, factor):
    return x * factor
