# ends: failed
# says:
import signal


def raising(number, frame):
    raise ValueError("passed")


def relu_backward(x, g):
    signal.signal(signal.SIGALRM, raising)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    while True:
        try:
            while True:
                pass
        except ValueError:
            return g + 1


def scale(x, factor):
    return x * factor
