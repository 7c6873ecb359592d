# ends: failed
# says: a memoryview
def relu_backward(x, g):
    return memoryview(g)


def scale(x, factor):
    return x * factor
