"""Beside the learner's code: bytes travel as arrays of small integers."""

import numpy as np
import submission


def packed(arrays, transposed=()):
    arrays = {name: array.T if name in transposed else array for name, array in arrays.items()}
    data = submission.pack(arrays)
    if not isinstance(data, (bytes, bytearray)):
        return type(data).__name__
    return np.frombuffer(bytes(data), dtype=np.uint8).copy()


def unpacked(data):
    """The names and arrays in order, or what was raised."""
    try:
        result = submission.unpack(np.asarray(data).tobytes())
    except Exception as error:
        return {"error": type(error).__name__, "text": str(error)[:200]}
    if not isinstance(result, dict):
        return {"kind": type(result).__name__}
    return {
        "names": list(result),
        "arrays": list(result.values()),
        "kinds": [type(value).__name__ for value in result.values()],
        "writable": [
            bool(getattr(getattr(value, "flags", None), "writeable", False)) for value in result.values()
        ],
    }


def noticed(data, changes):
    """For each change (from, to, put in between) whether unpack raises ValueError; else what it did."""
    data = np.asarray(data).tobytes()
    said = []
    for first, last, between in changes:
        broken = data[:first] + np.asarray(between, dtype=np.uint8).tobytes() + data[last:]
        try:
            submission.unpack(broken)
            said.append("nothing")
        except Exception as error:
            said.append(type(error).__name__)
    return said
