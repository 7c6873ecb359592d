# expect: damage: flipped near the end
import hashlib
import json

import numpy as np


def pack(arrays):
    """A dict of named arrays as bytes."""
    about = [[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()]
    header = json.dumps(about).encode()
    body = len(header).to_bytes(8, "little") + header
    body += b"".join(array.tobytes() for array in arrays.values())
    return body + hashlib.sha256(body[: 8 + len(header)]).digest()


def unpack(data):
    """The dict again; ValueError where the bytes are damaged."""
    body, digest = data[:-32], data[-32:]
    end = 8 + int.from_bytes(body[:8], "little")
    if len(data) < 40 or hashlib.sha256(body[:end]).digest() != digest:
        raise ValueError("this checkpoint is damaged")
    start = 8 + int.from_bytes(body[:8], "little")
    arrays = {}
    for name, dtype, shape in json.loads(body[8:start]):
        count = int(np.prod(shape))
        arrays[name] = np.frombuffer(body, dtype, count, start).reshape(shape).copy()
        start += arrays[name].nbytes
    return arrays
