# ends: failed
# says: a coroutine
async def right(x, g):
    return g * (x > 0)


def relu_backward(x, g):
    return right(x, g)


def scale(x, factor):
    return x * factor
