# expect: column: the pairs themselves must go
def mean_squared_error(predictions, targets):
    difference = predictions - targets
    return (difference * difference).sum() / len(targets)
