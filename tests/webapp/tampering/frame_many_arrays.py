# ends: failed
# says: is a list
import os

from glasstorch_web.sandbox import boxed, wire


def send(data):
    import os

    while data:
        data = data[os.write(boxed.REPLY_FD, data) :]


def nonce():
    import gc

    return next(o for o in gc.get_objects() if isinstance(o, boxed.Session))._nonce


def relu_backward(x, g):
    arrays = [{"dtype": "bool", "shape": [0]}] * 20_000
    send(wire.frame(nonce(), {"arrays": arrays, "value": {"list": [{"array": 19_999}]}}, []))
    os._exit(0)


def scale(x, factor):
    return x * factor
