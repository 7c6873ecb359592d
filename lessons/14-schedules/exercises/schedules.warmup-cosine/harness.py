"""Beside the learner's code: optimizers to be driven, the engine's and a plain one."""

import glasstorch as torch
import submission


class Plain:
    """An optimizer of one's own: all that is asked of it is `lr`."""

    lr = 123.0


def rates(options, steps):
    """What `rate` says of each of these steps."""
    schedule = submission.WarmupCosine(Plain(), **options)
    return [schedule.rate(k) for k in steps]


def driven(options, count, plain):
    """The optimizer's learning rate after 0, 1, … calls of step()."""
    if plain:
        optimizer = Plain()
    else:
        groups = [
            {"params": [torch.zeros(2, requires_grad=True)]},
            {"params": [torch.zeros(1, requires_grad=True)]},
        ]
        optimizer = torch.optim.SGD(groups, lr=123.0)
    schedule = submission.WarmupCosine(optimizer, **options)
    seen = []
    for _ in range(count):
        seen.append(optimizer.lr if plain else [group["lr"] for group in optimizer.param_groups])
        schedule.step()
    return [float(one) if plain else [float(n) for n in one] for one in seen]
