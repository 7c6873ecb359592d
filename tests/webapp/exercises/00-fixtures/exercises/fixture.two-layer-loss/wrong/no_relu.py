# expect: graph: the first value that differs is at `mm` (line 6


def loss(x, y, w1, b1, w2, b2):
    h = x @ w1 + b1
    out = h @ w2 + b2
    return ((out - y) ** 2).mean()
