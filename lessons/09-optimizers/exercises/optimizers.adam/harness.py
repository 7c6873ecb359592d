"""Beside the learner's code: parameters of two kinds, gradients handed to them, and an optimizer that steps."""

import glasstorch as torch
import submission


class Plain:
    """A parameter that is not the engine's: two arrays."""

    def __init__(self, data):
        self.data = data
        self.grad = None


def steps(name, values, gradients, options, rates=None, plain=False, generator=False, zero=False):
    """Where the parameters are after each step.

    Args:
        name: of the learner's class.
        values: where they start.
        gradients: for each step one gradient for each parameter, or None.
        rates: a learning rate to set before each step.
        plain: parameters that hold NumPy arrays. generator: hand them over as a generator.
        zero: after each step, clear the gradients in place, as other code may do.
    """
    if plain:
        parameters = [Plain(value.copy()) for value in as_arrays(values)]
    else:
        parameters = [value.clone().requires_grad_() for value in values]
    optimizer = getattr(submission, name)((p for p in parameters) if generator else parameters, **options)
    way = []
    for k, row in enumerate(gradients):
        if rates is not None:
            optimizer.lr = rates[k]
        for parameter, gradient in zip(parameters, row):
            if gradient is None:
                parameter.grad = None
            else:
                parameter.grad = as_arrays([gradient])[0].copy() if plain else gradient.clone()
        optimizer.step()
        if zero:
            for parameter in parameters:
                if parameter.grad is not None:
                    parameter.grad *= 0
        way.append([p.data.copy() if plain else p.detach().clone() for p in parameters])
    return way


def as_arrays(values):
    return [value.detach().numpy() for value in values]


def cleared(name, value, first, second, options):
    """What .grad holds when gradients arrive one after the other with zero_grad() between, as backward() adds them.

    Once with the engine's tensors, once with arrays: a pair (was it None in between, the gradient at the end).
    """
    said = []
    for plain in (False, True):
        parameter = Plain(value.numpy().copy()) if plain else value.clone().requires_grad_()
        optimizer = getattr(submission, name)([parameter], **options)
        optimizer.zero_grad()  # nothing there yet
        parameter.grad = first.numpy().copy() if plain else first.clone()
        optimizer.zero_grad()
        kept, arrives = parameter.grad, second.numpy() if plain else second
        said.append((kept is None, arrives if kept is None else kept + arrives))
    return said
