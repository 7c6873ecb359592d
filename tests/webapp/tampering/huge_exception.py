# ends: failed
# says: ValueError
def relu_backward(x, g):
    raise ValueError("x" * 10_000_000)


def scale(x, factor):
    return x * factor
