"""Parameters that are no tensors of the engine, and what the learner's optimizer does with them."""

import submission


class Parameter:
    def __init__(self, data):
        self.data = data
        self.grad = None

    def __eq__(self, other):
        return (self.data == getattr(other, "data", other)).all()

    __hash__ = object.__hash__


def _build(sizes, settings, lr, momentum):
    """Parameters of these numbers; groups of them with these settings (None: a plain list)."""
    parameters = [Parameter(one.numpy().copy()) for one in sizes]
    if settings is None:
        return parameters, parameters, submission.SGD(parameters, lr, momentum)
    groups = [{**said, "params": [parameters[i] for i in said["params"]]} for said in settings]
    return parameters, groups, submission.SGD(groups, lr=lr, momentum=momentum)


def groups(sizes, settings, lr, momentum):
    """The groups as the optimizer keeps them, parameters by number; and what became of the dicts handed in."""
    parameters, handed, optimizer = _build(sizes, settings, lr, momentum)
    numbers = {id(one): number for number, one in enumerate(parameters)}
    kept = getattr(optimizer, "param_groups", None)
    if not isinstance(kept, list) or not all(isinstance(group, dict) for group in kept):
        return {"kept": None, "kind": type(kept).__name__, "keys": None}
    return {
        "kept": [
            {**group, "params": [numbers.get(id(one), -1) for one in group.get("params", [])]}
            for group in kept
        ],
        "kind": "list",
        "keys": None if settings is None else [sorted(group) for group in handed],
    }


def twice(sizes, settings):
    """The name of the exception that the optimizer raises, or None."""
    try:
        _build(sizes, settings, 0.1, 0.0)
    except Exception as error:
        return type(error).__name__
    return None


def run(sizes, settings, lr, momentum, steps):
    """The parameters after steps of (gradients or None, new rate of the first group or None)."""
    parameters, _, optimizer = _build(sizes, settings, lr, momentum)
    for gradients, rate in steps:
        if rate is not None:
            optimizer.param_groups[0]["lr"] = rate
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = None if gradient is None else gradient.numpy().copy()
        optimizer.step()
    optimizer.zero_grad()
    return {
        "data": [parameter.data for parameter in parameters],
        "left": [parameter.grad is not None for parameter in parameters],
    }
