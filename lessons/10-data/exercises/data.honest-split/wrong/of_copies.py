# expect: statistics: those of the copies
import glasstorch as torch


def prepare(pictures, labels, seed):
    """(train_pictures, train_labels), (test_pictures, test_labels): 80 % to train with, three copies of each."""
    order = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(seed))
    cut = int(0.8 * len(pictures))
    first, second = order[:cut], order[cut:]
    copies = torch.cat([pictures[first] * factor for factor in (0.8, 1.0, 1.2)])
    mean, std = copies.mean(), copies.std()
    pictures = (pictures - mean) / std
    grown = torch.cat([pictures[first] * factor for factor in (0.8, 1.0, 1.2)])
    return (grown, labels[first].repeat(3)), (pictures[second], labels[second])
