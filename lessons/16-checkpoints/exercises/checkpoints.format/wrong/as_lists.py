# expect: roundtrip: comes back as list
import json


def pack(arrays):
    return json.dumps({name: array.tolist() for name, array in arrays.items()}).encode()


def unpack(data):
    return json.loads(data)
