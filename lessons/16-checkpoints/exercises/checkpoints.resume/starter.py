import glasstorch as torch


def checkpoint(model, optimizer, scheduler, step):
    """A dict with all that is needed to go on after `step` steps."""


def resume(state, model, optimizer, scheduler):
    """Bring everything back to where it was; returns the number of steps done."""
