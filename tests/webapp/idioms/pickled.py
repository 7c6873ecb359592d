import pickle


def answer():
    return pickle.loads(pickle.dumps({"a": [1, 2.5, None]})) == {"a": [1, 2.5, None]}
