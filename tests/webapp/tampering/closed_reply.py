# ends: failed
# says: closed its connection
import os


def relu_backward(x, g):
    os.close(4)
    while True:
        pass


def scale(x, factor):
    return x * factor
