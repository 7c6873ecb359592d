# ends: failed
# says: a function
def relu_backward(x, g):
    return relu_backward


def scale(x, factor):
    return x * factor
