# ends: failed
# says: is a text
def relu_backward(x, g):
    return "\ud800"


def scale(x, factor):
    return x * factor
