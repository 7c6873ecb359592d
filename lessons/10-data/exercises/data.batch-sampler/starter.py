import numpy as np


class BatchSampler:
    """Lists of sample numbers, epoch by epoch."""

    def __init__(self, size, batch_size, shuffle=True, drop_last=False, seed=0):
        pass

    def set_epoch(self, epoch):
        """Choose the epoch whose order is next. It is 0 at first."""

    def __len__(self):
        """The number of batches in an epoch."""
        return 0

    def __iter__(self):
        """Yield one list of ints for each batch."""
        return iter(())
