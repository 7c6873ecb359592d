# ends: failed
# says: a generator
def relu_backward(x, g):
    yield g


def scale(x, factor):
    return x * factor
