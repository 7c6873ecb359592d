# expect: graph: the first gradient that differs is at `add` (line 7
import glasstorch as torch


def loss(x, y, w1, b1, w2, b2):
    h = torch.relu(x @ w1 + b1)
    out = h @ w2 + b2
    return ((out.detach() / 2 + out / 2 - y) ** 2).mean()
