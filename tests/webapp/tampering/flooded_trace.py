# ends: timeout
# says: Stopped after
import os


def relu_backward(x, g):
    while True:
        os.write(5, bytes(1 << 12))


def scale(x, factor):
    return x * factor
