import glasstorch as torch
from glasstorch import nn


def adapt(features, images, labels):
    """A model for five new classes, on top of features that are left as they are."""
    # a new head for 576 features, a training loop, and a return
