import copy


def answer():
    original = {"a": [1, 2]}
    shallow, deep = copy.copy(original), copy.deepcopy(original)
    original["a"].append(3)
    return shallow["a"] == [1, 2, 3] and deep["a"] == [1, 2]
