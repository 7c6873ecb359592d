def early_stop(losses, patience):
    """(best epoch, last epoch), both counted from 1, of a training with early stopping."""
    # your lines
