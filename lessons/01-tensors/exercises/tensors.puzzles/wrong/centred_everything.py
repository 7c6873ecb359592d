# expect: centred: has a mean of its own
import glasstorch as torch


def outer(a, b):
    return a[:, None] * b


def checkerboard(height, width):
    return (torch.arange(height)[:, None] + torch.arange(width)) % 2


def one_hot(labels, classes):
    return (labels[:, None] == torch.arange(classes)).float()


def centred(x):
    return x - x.mean()


def distances(a, b):
    return ((a[:, None] - b) ** 2).sum(dim=2) ** 0.5
