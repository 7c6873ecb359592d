# expect: one_hot: has a loop in line
import glasstorch as torch


def outer(a, b):
    return a[:, None] * b


def checkerboard(height, width):
    return (torch.arange(height)[:, None] + torch.arange(width)) % 2


def one_hot(labels, classes):
    result = torch.zeros(len(labels), classes)
    for i in range(len(labels)):
        result[i, labels[i]] = 1.0
    return result


def centred(x):
    return x - x.mean(dim=1, keepdim=True)


def distances(a, b):
    return ((a[:, None] - b) ** 2).sum(dim=2) ** 0.5
