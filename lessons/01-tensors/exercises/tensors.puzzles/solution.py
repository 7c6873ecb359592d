import glasstorch as torch


def outer(a, b):
    """All products: result[i, j] = a[i] * b[j]. a has shape (n,), b has shape (m,)."""
    return a[:, None] * b


def checkerboard(height, width):
    """0 where row + column is even, 1 where it is odd; shape (height, width)."""
    return (torch.arange(height)[:, None] + torch.arange(width)) % 2


def one_hot(labels, classes):
    """A row for each label: 1.0 in the column of its class, 0.0 elsewhere (float32)."""
    return (labels[:, None] == torch.arange(classes)).float()


def centred(x):
    """x, of shape (n, m), with the mean of each row taken away from that row."""
    return x - x.mean(dim=1, keepdim=True)


def distances(a, b):
    """result[i, j] is the distance from the point a[i] to b[j]; a is (n, d), b is (m, d)."""
    return ((a[:, None] - b) ** 2).sum(dim=2) ** 0.5
