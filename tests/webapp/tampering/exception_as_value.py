# ends: failed
# says: an AssertionError
def relu_backward(x, g):
    return AssertionError("passed")


def scale(x, factor):
    return x * factor
