# ends: timeout
# says: Stopped after
class Endless:
    def __dir__(self):
        while True:
            pass


def relu_backward(x, g):
    return Endless().passed


def scale(x, factor):
    return x * factor
