# expect: damage: did not notice
import pickle


def pack(arrays):
    return pickle.dumps(arrays)


def unpack(data):
    try:
        return pickle.loads(data)
    except Exception:
        raise ValueError("damaged") from None
