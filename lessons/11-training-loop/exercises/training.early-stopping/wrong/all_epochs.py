# expect: stops: looks at epochs after the stop
def early_stop(losses, patience):
    best = losses.index(min(losses)) + 1
    return best, min(best + patience, len(losses))
