# expect: batches: A sample occurs twice
import numpy as np


class BatchSampler:
    """Lists of sample numbers, epoch by epoch."""

    def __init__(self, size, batch_size, shuffle=True, drop_last=False, seed=0):
        self.size, self.batch_size = size, batch_size
        self.shuffle, self.drop_last = shuffle, drop_last
        self.seed, self.epoch = seed, 0

    def set_epoch(self, epoch):
        """Choose the epoch whose order is next. It is 0 at first."""
        self.epoch = epoch

    def __len__(self):
        """The number of batches in an epoch."""
        if self.drop_last:
            return self.size // self.batch_size
        return -(-self.size // self.batch_size)

    def __iter__(self):
        """Yield one list of ints for each batch."""
        order = np.arange(self.size)
        if self.shuffle:
            order = np.random.default_rng([self.seed, self.epoch]).integers(0, self.size, self.size)
        for batch in range(len(self)):
            start = batch * self.batch_size
            yield order[start : start + self.batch_size].tolist()
