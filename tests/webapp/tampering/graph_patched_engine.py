# ends: failed
# says: is off
# exercise: fixture.two-layer-loss
import glasstorch as torch

torch.relu = lambda x: x * 0
torch.Tensor.mean = torch.Tensor.sum


def loss(x, y, w1, b1, w2, b2):
    return ((torch.relu(x @ w1 + b1) @ w2 + b2 - y) ** 2).mean()
