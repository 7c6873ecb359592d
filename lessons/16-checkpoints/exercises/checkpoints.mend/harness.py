"""Beside the learner's code: models to save and to load."""

import glasstorch as torch
import submission
from glasstorch import nn


def made():
    return nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 3))


def loaded(seed, prefix, drop, x):
    """What a loaded model answers, twice; and what the saved one answers."""
    torch.manual_seed(seed)
    teacher = made().eval()
    state = {prefix + name: value for name, value in teacher.state_dict().items() if name != drop}
    names, before = list(state), [value.clone() for value in state.values()]
    model = submission.load_for_use(state, made())
    if not isinstance(model, nn.Module):
        return {"kind": type(model).__name__}
    same = list(state) == names and all(torch.equal(a, b) for a, b in zip(state.values(), before))
    with torch.no_grad():
        answers = [model(x) for _ in range(2)]
        model.eval()
        return {"answers": answers, "quiet": model(x), "teacher": teacher(x), "same": same}
