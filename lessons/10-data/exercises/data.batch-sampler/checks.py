from glasstorch_web.grader.checks import CheckFailed, equal


def _size(rng):
    batch = int(rng.integers(3, 6))
    return batch * int(rng.integers(3, 6)) + int(rng.integers(1, batch)), batch


def _epochs(box, which, *settings):
    length, seen = box.call("harness.epochs", which, *settings)
    for kinds, batches in seen:
        if not batches:
            raise CheckFailed("Iterating over the sampler yields nothing.", got=[])
        if kinds != ["int", "list"]:
            raise CheckFailed(
                "Each batch must be a list of Python ints; `.tolist()` of an array makes one.",
                expected=["int", "list"],
                got=kinds,
            )
    return length, [batches for _, batches in seen]


def _flat(batches):
    return [n for batch in batches for n in batch]


def check_batches(box, rng):
    size, batch = _size(rng)
    _, (batches,) = _epochs(box, [None], size, batch)
    if _flat(batches) == list(range(size)):
        raise CheckFailed("`shuffle` is True unless somebody says otherwise, and the order is 0, 1, 2, ...")
    for shuffle in (False, True):
        _, (batches,) = _epochs(box, [None], size, batch, shuffle)
        flat = _flat(batches)
        if len(flat) < size and len(flat) % batch == 0:
            raise CheckFailed(
                "The incomplete last batch is missing; without `drop_last` it belongs to the epoch.",
                expected=size,
                got=len(flat),
            )
        if len(set(flat)) < len(flat):
            raise CheckFailed(
                "A sample occurs twice in one epoch: draw without replacement, `permutation` does.",
                got=sorted(flat),
            )
        equal(sorted(flat), list(range(size)), "the sorted list of an epoch's samples")
        sizes = [len(one) for one in batches]
        equal(sizes, [batch] * (size // batch) + [size % batch], "the list of batch sizes")
        if not shuffle:
            equal(flat, list(range(size)), "the order without shuffle")


def check_length(box, rng):
    size, batch = _size(rng)
    full = size // batch * batch
    for n, drop in ((size, False), (size, True), (full, False), (full, True)):
        length, (batches,) = _epochs(box, [None], n, batch, bool(rng.integers(0, 2)), drop)
        expected = n // batch + (n % batch > 0 and not drop)
        equal(length, expected, f"the length for {n} samples in batches of {batch}, drop_last={drop}")
        equal(
            len(batches),
            expected,
            f"the number of batches for {n} samples in batches of {batch}, drop_last={drop}",
        )
        if drop and any(len(one) != batch for one in batches):
            raise CheckFailed(
                "With drop_last all batches must be complete.", got=[len(one) for one in batches]
            )


def check_order(box, rng):
    size, batch, seed = int(rng.integers(30, 50)), 7, int(rng.integers(0, 1000))
    _, (first, again, one, back) = _epochs(box, [None, None, 1, 0], size, batch, True, False, seed)
    if _flat(first) == list(range(size)):
        raise CheckFailed("With shuffle=True the order is still 0, 1, 2, ...")
    if _flat(first) != _flat(again):
        raise CheckFailed(
            "Iterating twice over one epoch gives two orders. The order must depend on the seed "
            "and the epoch alone: make a generator "
            "anew for each iteration."
        )
    if _flat(first) == _flat(one):
        raise CheckFailed(
            "Epoch 1 has the order of epoch 0: the network would see the same batches in every epoch."
        )
    if _flat(first) != _flat(back):
        raise CheckFailed("After set_epoch(0) the order of epoch 0 must come back.")
    if sorted(map(sorted, first)) == sorted(map(sorted, one)):
        raise CheckFailed("Only the order of the batches changes; the samples in them must be mixed anew.")
    _, (other,) = _epochs(box, [None], size, batch, True, False, seed + 1)
    if _flat(other) == _flat(first):
        raise CheckFailed("Another seed gives the same order.")
    _, (resumed,) = _epochs(box, [1], size, batch, True, False, seed)
    if _flat(resumed) != _flat(one):
        raise CheckFailed(
            "A new sampler that begins with epoch 1 has another order than one that came there from epoch 0."
        )
    if _flat(one) == _flat(other):
        raise CheckFailed(
            "Epoch 1 of one seed has the order of epoch 0 of the next seed: seed + epoch is not enough."
        )


def check_alone(box, rng):
    size, batch = _size(rng)
    alone, noisy, untouched, first, second = box.call(
        "harness.disturbed", size, batch, int(rng.integers(0, 99)), int(rng.integers(0, 99))
    )
    if not len(alone) == len(first) == -(-size // batch):
        raise CheckFailed("The number of batches is not right.")
    if alone != noisy or alone != first or alone != second:
        raise CheckFailed("The order depends on something else.")
    if not untouched:
        raise CheckFailed("The common random numbers are used.")
