# expect: test: must occur three times
import glasstorch as torch


def prepare(pictures, labels, seed):
    """(train_pictures, train_labels), (test_pictures, test_labels): 80 % to train with, three copies of each."""
    order = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(seed))
    cut = int(0.8 * len(pictures))
    first, second = order[:cut], order[cut:]
    mean, std = pictures[first].mean(), pictures[first].std()
    pictures = (pictures - mean) / std
    grown = torch.cat([pictures[first] * factor for factor in (1.0,)])
    return (grown, labels[first]), (pictures[second], labels[second])
