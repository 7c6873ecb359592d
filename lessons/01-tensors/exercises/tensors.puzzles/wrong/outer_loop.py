# expect: outer: has a loop in line
import glasstorch as torch


def outer(a, b):
    return torch.stack([x * b for x in a])


def checkerboard(height, width):
    return (torch.arange(height)[:, None] + torch.arange(width)) % 2


def one_hot(labels, classes):
    return (labels[:, None] == torch.arange(classes)).float()


def centred(x):
    return x - x.mean(dim=1, keepdim=True)


def distances(a, b):
    return ((a[:, None] - b) ** 2).sum(dim=2) ** 0.5
