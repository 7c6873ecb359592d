# ends: timeout
# says: Stopped after
def relu_backward(x, g):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue


def scale(x, factor):
    return x * factor
