# expect: too-many: it must be an error
def mean_squared_error(predictions, targets):
    difference = predictions.reshape(-1)[: len(targets)] - targets
    return (difference * difference).mean()
