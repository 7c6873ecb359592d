import torch


def dense(x, w, b):
    return torch.relu(x @ w + b)


def mean_square(y, target):
    return ((y - target) ** 2).mean()
