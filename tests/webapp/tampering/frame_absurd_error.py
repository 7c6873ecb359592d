# ends: failed
# says: SyntaxError on line 0
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
    error = {
        "kind": "syntax",
        "type": "SyntaxError",
        "message": 7,
        "line": 10**30,
        "column": -5,
        "end_column": 1.5,
    }
    send(wire.frame(nonce(), {"arrays": [], "error": {**error, "frames": {"line": 1}, "name": []}}, []))
    os._exit(0)


def scale(x, factor):
    return x * factor
