# ends: failed
# says: more than 64 bits
def relu_backward(x, g):
    return 10**5000


def scale(x, factor):
    return x * factor
