def dense(x, w, b):
    return x


def mean_square(y, target):
    return y
