# ends: timeout
# says: Stopped after
from glasstorch_web.sandbox import boxed


def send(data):
    import os

    while data:
        data = data[os.write(boxed.REPLY_FD, data) :]


def nonce():
    import gc

    return next(o for o in gc.get_objects() if isinstance(o, boxed.Session))._nonce


def relu_backward(x, g):
    import time

    for byte in nonce():
        send(bytes([byte]))
        time.sleep(0.5)


def scale(x, factor):
    return x * factor
