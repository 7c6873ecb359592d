"""Beside the learner's code: epochs of a sampler."""

import numpy as np
import submission


def epochs(which, *settings):
    """The length, and for each epoch asked for the kinds and numbers of its batches."""
    sampler = submission.BatchSampler(*settings)
    seen = []
    for epoch in which:
        if epoch is not None:
            sampler.set_epoch(epoch)
        batches = list(sampler)
        kinds = {type(batch).__name__ for batch in batches} | {type(n).__name__ for b in batches for n in b}
        seen.append((sorted(kinds), [[int(n) for n in batch] for batch in batches]))
    return len(sampler), seen


def plain(batches):
    return [[int(n) for n in batch] for batch in batches]


def disturbed(size, batch_size, seed, noise):
    """Three times the same epoch: alone, with other random numbers in between, and two loops at the same time."""
    sampler = submission.BatchSampler(size, batch_size, True, False, seed)
    alone = plain(sampler)
    np.random.seed(noise)
    noisy = []
    for batch in sampler:
        np.random.random(3)
        noisy.append([int(n) for n in batch])
    state = np.random.get_state()[1].tolist(), np.random.get_state()[2]
    np.random.seed(noise)
    np.random.random(3 * len(noisy))
    untouched = (np.random.get_state()[1].tolist(), np.random.get_state()[2]) == state
    together = list(zip(sampler, sampler))
    return (
        alone,
        noisy,
        untouched,
        plain(first for first, _ in together),
        plain(second for _, second in together),
    )
