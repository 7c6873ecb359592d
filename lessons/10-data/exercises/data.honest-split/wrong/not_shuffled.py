# expect: seeded: The answer is not right
import glasstorch as torch


def prepare(pictures, labels, seed):
    """(train_pictures, train_labels), (test_pictures, test_labels): 80 % to train with, three copies of each."""
    order = torch.arange(len(pictures))
    cut = int(0.8 * len(pictures))
    first, second = order[:cut], order[cut:]
    mean, std = pictures[first].mean(), pictures[first].std()
    pictures = (pictures - mean) / std
    grown = torch.cat([pictures[first] * factor for factor in (0.8, 1.0, 1.2)])
    return (grown, labels[first].repeat(3)), (pictures[second], labels[second])
