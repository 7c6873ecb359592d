# ends: failed
# says: a bytes
def relu_backward(x, g):
    return (g * (x > 0)).tobytes()


def scale(x, factor):
    return x * factor
