# expect: padded: wider than its widest
import glasstorch as torch


def collate(samples):
    """Padded pictures (n, height, widest), a bool mask (n, widest), and labels (n,), from a list of pairs."""
    widest = 28
    height = samples[0][0].shape[0]
    padded = torch.zeros(len(samples), height, widest)
    mask = torch.zeros(len(samples), widest, dtype=torch.bool)
    for i, (picture, _) in enumerate(samples):
        width = picture.shape[1]
        padded[i, :, :width] = picture
        mask[i, :width] = True
    return padded, mask, torch.tensor([int(label) for _, label in samples])
