# expect: stops: compared with the epoch before
def early_stop(losses, patience):
    best, bad = 1, 0
    for epoch in range(2, len(losses) + 1):
        if losses[epoch - 1] < losses[best - 1]:
            best = epoch
        bad = 0 if losses[epoch - 1] < losses[epoch - 2] else bad + 1
        if bad >= patience:
            return best, epoch
    return best, len(losses)
