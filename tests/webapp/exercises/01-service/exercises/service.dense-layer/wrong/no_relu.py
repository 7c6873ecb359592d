def dense(x, w, b):
    return x @ w + b


def mean_square(y, target):
    return ((y - target) ** 2).mean()
