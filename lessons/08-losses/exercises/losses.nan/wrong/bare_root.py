# expect: hits: The gradient of `points` holds NaN
import glasstorch as torch
from glasstorch.nn import functional as F


def detection_loss(scores, labels, points, targets):
    classes = F.cross_entropy(scores, labels)
    distance = torch.sqrt(((points - targets) ** 2).sum(dim=1))
    found = (labels != 0).float()
    return classes + (distance * found).sum() / found.sum().clamp(min=1)
