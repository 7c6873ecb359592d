"""Beside the learner's code: a training that is saved in the middle, and one that goes on from there."""

import io

import glasstorch as torch
import submission
from glasstorch import nn

TOTAL = 24


def made(seed, adam, schedule, dropout):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Dropout(dropout), nn.Linear(12, 3))
    if adam:
        optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    else:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.7 if schedule else 1.0)
    return model, optimizer, scheduler


def steps(session, x, y, start, stop):
    model, optimizer, scheduler = session
    losses = []
    for step in range(start, stop):
        some = slice(8 * (step % 6), 8 * (step % 6) + 8)
        loss = nn.functional.cross_entropy(model(x[some]), y[some])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return losses


def saved(seed, stop, x, y, *how):
    """The checkpoint after `stop` steps: what it is, what loading it says, and the session."""
    session = made(seed, *how)
    steps(session, x, y, 0, stop)
    state = submission.checkpoint(*session, stop)
    if not isinstance(state, dict):
        return type(state).__name__, "", session, None
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    try:
        return "dict", "", session, torch.load(file)
    except Exception as error:
        return "dict", str(error)[:300] or "error", session, None


def both(seed, other, stop, x, y, *how):
    """The later losses of a training that was never interrupted, and of one that was resumed."""
    kind, error, session, state = saved(seed, stop, x, y, *how)
    if state is None:
        return {"kind": kind, "error": error}
    rest = steps(session, x, y, stop, TOTAL)
    fresh = made(other, *how)
    at = submission.resume(state, *fresh)
    if type(at) is not int:
        return {"kind": "dict", "error": "", "rest": rest, "at": type(at).__name__}
    resumed = steps(fresh, x, y, at, min(TOTAL, at + TOTAL)) if 0 <= at <= TOTAL else []
    return {"kind": "dict", "error": "", "rest": rest, "at": at, "resumed": resumed}
