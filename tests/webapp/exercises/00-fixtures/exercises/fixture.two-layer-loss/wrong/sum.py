# expect: graph: Look at `sum` (line 8
import glasstorch as torch


def loss(x, y, w1, b1, w2, b2):
    h = torch.relu(x @ w1 + b1)
    out = h @ w2 + b2
    return ((out - y) ** 2).sum()
