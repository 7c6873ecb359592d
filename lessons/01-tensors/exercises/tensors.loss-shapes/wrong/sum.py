# expect: column: This is the sum of the squares
def mean_squared_error(predictions, targets):
    difference = predictions.reshape(targets.shape) - targets
    return (difference * difference).sum()
