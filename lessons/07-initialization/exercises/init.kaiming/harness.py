"""Beside the learner's code: a fresh parameter to fill, and what became of it."""

import glasstorch as torch
import submission


def fill(shape, slope, seed):
    weight = torch.nn.Parameter(torch.zeros(*shape))
    torch.manual_seed(seed)
    arguments = (weight,) if slope is None else (weight, slope)
    try:
        returned = submission.kaiming_normal_(*arguments)
    except RuntimeError as error:
        if "leaf" in str(error):
            return {"leaf": True}
        raise
    return {
        "leaf": False,
        "returned": "None" if returned is None else "itself" if returned is weight else "another",
        "requires": weight.requires_grad and weight.grad_fn is None,
        "values": weight.detach().clone(),
    }


def twice(shape, seed):
    first, second = torch.nn.Parameter(torch.zeros(*shape)), torch.nn.Parameter(torch.zeros(*shape))
    torch.manual_seed(seed)
    submission.kaiming_normal_(first)
    submission.kaiming_normal_(second)
    return bool(torch.equal(first, second))
