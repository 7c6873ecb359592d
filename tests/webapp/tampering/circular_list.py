# ends: failed
# says: nested too deeply
def relu_backward(x, g):
    circle = []
    circle.append(circle)
    return circle


def scale(x, factor):
    return x * factor
