# expect: column: compare each prediction with its own target
def mean_squared_error(predictions, targets):
    difference = predictions.mean() - targets.mean()
    return difference * difference
