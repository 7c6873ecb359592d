def train_step(model, loss_fn, optimizer, images, labels):
    """One step of training on one batch; returns the loss as a float."""
    # your five lines, and a return
