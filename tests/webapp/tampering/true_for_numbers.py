# ends: failed
# says: shape ()
def relu_backward(x, g):
    return True


def scale(x, factor):
    return x * factor
