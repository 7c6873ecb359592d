import glasstorch as torch


def prepare(pictures, labels, seed):
    """(train_pictures, train_labels), (test_pictures, test_labels): 80 % to train with, three copies of each."""
    pictures = (pictures - pictures.mean()) / pictures.std()
    pictures = torch.cat([pictures * factor for factor in (0.8, 1.0, 1.2)])
    labels = labels.repeat(3)
    order = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(seed))
    cut = int(0.8 * len(pictures))
    first, second = order[:cut], order[cut:]
    return (pictures[first], labels[first]), (pictures[second], labels[second])
