import copy


def train_keeping_best(model, one_epoch, score, epochs):
    """Train for some epochs, leave the best weights in the model, and return their score."""
    # your loop, and a return
