# expect: same: Now predictions of shape (n,) are compared with every target
def mean_squared_error(predictions, targets):
    difference = predictions - targets.unsqueeze(1)
    return (difference * difference).mean()
