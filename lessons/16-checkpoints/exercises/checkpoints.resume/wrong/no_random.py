# expect: dropout: other random numbers
import glasstorch as torch


def checkpoint(model, optimizer, scheduler, step):
    """A dict with all that is needed to go on after `step` steps."""
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "random": torch.get_rng_state(),
        "step": step,
    }


def resume(state, model, optimizer, scheduler):
    """Bring everything back to where it was; returns the number of steps done."""
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    scheduler.load_state_dict(state["scheduler"])
    return state["step"]
