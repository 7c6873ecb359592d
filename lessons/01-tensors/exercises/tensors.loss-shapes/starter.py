import glasstorch as torch


def mean_squared_error(predictions, targets):
    """The mean of the squared differences, prediction by prediction."""
    difference = predictions - targets
    return (difference * difference).mean()
