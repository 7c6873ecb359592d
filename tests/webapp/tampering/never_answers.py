# ends: timeout
# says: Stopped after
import time


def relu_backward(x, g):
    time.sleep(1000)


def scale(x, factor):
    return x * factor
