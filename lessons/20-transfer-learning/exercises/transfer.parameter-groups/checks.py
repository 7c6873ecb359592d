"""SGD with momentum by hand, group by group, in float64."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _sizes(rng):
    return [rng.normal(size=size).astype("float32") for size in [(2, 3), (3,), (4,)]]


def _gradients(rng, sizes):
    return [rng.normal(size=one.shape).astype("float32") for one in sizes]


def _two_rates():
    return [{"params": [0, 1], "lr": 0.01}, {"params": [2], "momentum": 0.5}]


def _kept(box, sizes, settings, lr, momentum):
    got = box.call("harness.groups", sizes, settings, lr, momentum)
    if got["kept"] is None:
        raise CheckFailed(
            f"`param_groups` must be a list of dicts; it is: {got['kind']}.", got=got["kind"], kind="type"
        )
    return got


def check_groups(box, rng):
    sizes, lr = _sizes(rng), float(rng.uniform(0.1, 0.5))
    for settings, wanted in [
        (None, [{"params": [0, 1, 2], "lr": lr, "momentum": 0.9}]),
        (
            _two_rates(),
            [
                {"params": [0, 1], "lr": 0.01, "momentum": 0.9},
                {"params": [2], "lr": lr, "momentum": 0.5},
            ],
        ),
    ]:
        got = _kept(box, sizes, settings, lr, 0.9)
        kept = got["kept"]
        if len(kept) != len(wanted):
            raise CheckFailed(
                f"There are {len(kept)} groups; there must be {len(wanted)}.",
                expected=len(wanted),
                got=len(kept),
            )
        for number, (group, right) in enumerate(zip(kept, wanted)):
            for key, value in right.items():
                if key not in group:
                    raise CheckFailed(
                        f"Group {number} has no `{key}`. What a group does not say is filled in from the arguments."
                    )
                if group[key] != value:
                    raise CheckFailed(
                        f"`{key}` of group {number} is not right: a group's own setting goes before the argument.",
                        expected=value,
                        got=group[key],
                    )
        if got["keys"] is not None and got["keys"] != [["lr", "params"], ["momentum", "params"]]:
            raise CheckFailed(
                "Your class wrote into the dicts that were handed in. Make new ones.", got=got["keys"]
            )


def check_twice(box, rng):
    sizes = _sizes(rng)
    for settings, said in [
        ([{"params": [0, 1]}, {"params": [1, 2]}], "that is in two groups"),
        ([{"params": [0, 0]}], "that is twice in one group"),
    ]:
        raised = box.call("harness.twice", sizes, settings)
        if raised != "ValueError":
            got = raised or "no error"
            raise CheckFailed(f"A parameter {said} must raise a ValueError; there was: {got}.", got=got)
    same = [sizes[1], sizes[1].copy()]
    raised = box.call("harness.twice", same, [{"params": [0]}, {"params": [1]}])
    if raised is not None:
        raise CheckFailed(
            f"Two parameters with equal numbers are two parameters; your class raised {raised}. Compare id(), not ==.",
            got=raised,
        )


def _expected(sizes, rates, momenta, steps):
    data = [one.astype(np.float64) for one in sizes]
    velocity = [np.zeros_like(one) for one in data]
    for gradients, rate in steps:
        for i, gradient in enumerate(gradients):
            if gradient is not None:
                velocity[i] = momenta[i] * velocity[i] + gradient
                used = rate if rate is not None and i < 2 else rates[i]
                data[i] = data[i] - used * velocity[i]
    return data


def check_step(box, rng):
    sizes, lr = _sizes(rng), float(rng.uniform(0.1, 0.5))
    _kept(box, sizes, _two_rates(), lr, 0.9)
    steps = [(_gradients(rng, sizes), None), (_gradients(rng, sizes), None), (_gradients(rng, sizes), 0.2)]
    for count in (1, 2, 3):
        got = box.call("harness.run", sizes, _two_rates(), lr, 0.9, steps[:count])
        wanted = _expected(sizes, [0.01, 0.01, lr], [0.9, 0.9, 0.5], steps[:count])
        known = {
            "All groups move with the optimizer's rate; each has its own.": (
                [lr] * 3,
                [0.9, 0.9, 0.5],
                steps[:count],
            ),
            "The momentum is left out.": ([0.01, 0.01, lr], [0] * 3, steps[:count]),
            "All groups have the optimizer's momentum; each has its own.": (
                [0.01, 0.01, lr],
                [0.9] * 3,
                steps[:count],
            ),
            "The rate is the one from the beginning; read group['lr'] at every step, since schedules change it.": (
                [0.01, 0.01, lr],
                [0.9, 0.9, 0.5],
                [(gradients, None) for gradients, _ in steps[:count]],
            ),
        }
        mistakes = {said: _expected(sizes, *how) for said, how in known.items()}
        for i, (one, right) in enumerate(zip(got["data"], wanted)):
            wrong = {said: data[i] for said, data in mistakes.items() if not np.allclose(data[i], right)}
            close(one, right, 1e-4, 1e-5, what=f"parameter {i} after step {count}", mistakes=wrong)
        if any(got["left"]):
            raise CheckFailed("After `zero_grad()` a parameter still has a gradient; it must be None.")


def check_none(box, rng):
    sizes = _sizes(rng)
    _kept(box, sizes, None, 0.3, 0.9)
    steps = [(_gradients(rng, sizes), None) for _ in range(3)]
    steps[1][0][0] = None
    steps[2][0][1] = None
    got = box.call("harness.run", sizes, None, 0.3, 0.9, steps)
    for i, (one, right) in enumerate(zip(got["data"], _expected(sizes, [0.3] * 3, [0.9] * 3, steps))):
        close(one, right, 1e-4, 1e-5, what=f"parameter {i}")
