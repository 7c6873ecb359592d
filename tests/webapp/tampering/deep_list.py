# ends: failed
# says: nested too deeply
def relu_backward(x, g):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    return deep


def scale(x, factor):
    return x * factor
