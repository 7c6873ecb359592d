import glasstorch as torch


def collate(samples):
    """Padded pictures (n, height, widest), a bool mask (n, widest), and labels (n,), from a list of pairs."""
