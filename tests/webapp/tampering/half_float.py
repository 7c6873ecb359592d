# ends: failed
# says: dtype float16
def relu_backward(x, g):
    return (g * (x > 0)).astype("float16")


def scale(x, factor):
    return x * factor
