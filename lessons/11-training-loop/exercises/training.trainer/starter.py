import copy

import glasstorch as torch


class Trainer:
    """Trains a model, and looks at it in between."""

    def __init__(self, model, loss_fn, optimizer):
        self.model = model
        self.loss_fn = loss_fn
        self.optimizer = optimizer

    def train_epoch(self, batches):
        """Train on all batches once, in train mode; the mean loss of an example."""
        # your lines

    def evaluate(self, batches):
        """The mean loss of an example, in eval mode and without graphs; nothing is learnt."""
        # your lines

    def fit(self, train_batches, valid_batches, epochs, patience):
        """Train with early stopping; the model ends with its best weights. Returns the validation losses."""
        # your lines
