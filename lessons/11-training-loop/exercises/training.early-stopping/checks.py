from glasstorch_web.grader.checks import CheckFailed


def _answer(losses, patience, above=0, strict=True):
    best = 1
    for epoch, loss in enumerate(losses, start=1):
        if loss < losses[best - 1]:
            best = epoch
        elif epoch - best >= patience + above:
            return best, epoch
    return best, len(losses)


def _by_the_last(losses, patience):
    best, bad = 1, 0
    for epoch in range(2, len(losses) + 1):
        if losses[epoch - 1] < losses[best - 1]:
            best = epoch
        bad = 0 if losses[epoch - 1] < losses[epoch - 2] else bad + 1
        if bad >= patience:
            return best, epoch
    return best, len(losses)


def _require(box, losses, patience):
    losses = [round(float(loss), 3) for loss in losses]
    got = box.call("early_stop", losses, patience)
    if got is None:
        raise CheckFailed("`early_stop` returned None. Is a `return` missing?", got="None")
    if type(got) not in (tuple, list) or len(got) != 2 or any(type(n) is not int for n in got):
        raise CheckFailed("`early_stop` must return two whole numbers.", got=repr(got)[:60])
    got, wanted = tuple(got), _answer(losses, patience)
    if got == wanted:
        return
    lowest = losses.index(min(losses)) + 1
    shown = {"expected": list(wanted), "got": list(got)}
    asked = f"(losses {losses}, patience {patience})"
    if got == (wanted[0] - 1, wanted[1] - 1):
        raise CheckFailed(f"The epochs are counted from 0; the first one is 1 {asked}.", **shown)
    if got == _answer(losses, patience, above=1):
        raise CheckFailed(f"It stops one epoch too late {asked}.", **shown)
    if got == (lowest, min(lowest + patience, len(losses))):
        raise CheckFailed(
            f"The answer looks at epochs after the stop, which are never trained {asked}.", **shown
        )
    if got == _by_the_last(losses, patience):
        raise CheckFailed(
            f"Each epoch is compared with the epoch before it; compare with the best {asked}.", **shown
        )
    raise CheckFailed(f"These are not the best epoch and the last one {asked}.", **shown)


def check_stops(box, rng):
    for _ in range(3):
        falls = sorted(rng.uniform(2, 5, size=rng.integers(2, 5)), reverse=True)
        patience = int(rng.integers(2, 5))
        rises = falls[-1] + rng.permutation(range(1, patience + 3)) / 4
        if patience > 1:  # a fall that is no improvement
            rises[:2] = sorted(rises[:2], reverse=True)
        late = [0.6 + 0.1 * (k % 2) for k in range(patience + 3, 0, -1)]  # up and down
        _require(box, [*falls, *rises, 0.5, 0.4, *late], patience)


def check_never(box, rng):
    _require(box, sorted(rng.uniform(1, 5, size=rng.integers(3, 12)), reverse=True), int(rng.integers(1, 4)))
    _require(box, [rng.uniform(1, 2)], 1)


def check_noisy(box, rng):
    for _ in range(30):
        losses = rng.integers(1, 7, size=int(rng.integers(1, 12))) / 2
        _require(box, losses, int(rng.integers(1, 6)))
