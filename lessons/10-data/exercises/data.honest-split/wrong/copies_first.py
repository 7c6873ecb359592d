# expect: apart: are in both parts
import glasstorch as torch


def prepare(pictures, labels, seed):
    order = torch.randperm(3 * len(pictures), generator=torch.Generator().manual_seed(seed))
    cut = int(0.8 * len(order))
    first, second = order[:cut], order[cut:]
    grown, labels = torch.cat([pictures * factor for factor in (0.8, 1.0, 1.2)]), labels.repeat(3)
    mean, std = grown[first].mean(), grown[first].std()
    grown = (grown - mean) / std
    return (grown[first], labels[first]), (grown[second], labels[second])
