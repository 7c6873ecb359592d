# expect: same: which worked before
def mean_squared_error(predictions, targets):
    difference = predictions[:, 0] - targets
    return (difference * difference).mean()
