# ends: failed
# says: ExceptionGroup
def relu_backward(x, g):
    raise ExceptionGroup("passed", [ValueError(1)] * 1000)


def scale(x, factor):
    return x * factor
