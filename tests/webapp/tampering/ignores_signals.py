# ends: timeout
# says: Stopped after
import signal


def relu_backward(x, g):
    for number in (signal.SIGALRM, signal.SIGXCPU, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, 0)
    while True:
        pass


def scale(x, factor):
    return x * factor
