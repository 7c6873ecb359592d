# ends: failed
# says: a NotImplementedType
def relu_backward(x, g):
    return NotImplemented


def scale(x, factor):
    return x * factor
