# expect: values: The gradient is off
def relu_backward(x, g):
    return g


def scale(x, factor):
    return x * factor
