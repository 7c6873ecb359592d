"""Beside a learner's code: what checks may ask of it in any exercise. Runs in the box; not secret, not trusted.

Every exercise's harness begins with the names of this module, which the zygote has imported; the author's own
harness.py follows.
"""

import ast
import linecache
import sys


def _of_learner(name):  # type: ignore[no-untyped-def]
    return getattr(sys.modules["submission"], name)


def standard_formula(name, *arguments):  # type: ignore[no-untyped-def]
    """Call a backward formula with autograd off; the result, and the arguments as they are afterwards."""
    import glasstorch

    with glasstorch.no_grad():
        result = _of_learner(name)(*arguments)
    return {"result": result, "arguments": list(arguments)}


def standard_parameters(name, arguments, keywords):  # type: ignore[no-untyped-def]
    """What a class builds: whether it is a module, and its parameters' shapes."""
    import glasstorch

    model = _of_learner(name)(*arguments, **keywords)
    if not isinstance(model, glasstorch.nn.Module):
        return {"module": False, "parameters": {}, "frozen": []}
    parameters = dict(model.named_parameters())
    return {
        "module": True,
        "parameters": {key: tuple(parameter.shape) for key, parameter in parameters.items()},
        "frozen": [key for key, parameter in parameters.items() if not parameter.requires_grad],
    }


def _built(name, arguments, keywords, weights):  # type: ignore[no-untyped-def]
    import glasstorch

    model = _of_learner(name)(*arguments, **keywords)
    with glasstorch.no_grad():
        for key, parameter in model.named_parameters():
            parameter.copy_(weights[key])
    return model


def standard_forward(name, arguments, keywords, weights, *inputs):  # type: ignore[no-untyped-def]
    """A module's result with these weights."""
    return _built(name, arguments, keywords, weights)(*inputs)


def standard_module(name, arguments, keywords, weights, upstream, *inputs):  # type: ignore[no-untyped-def]
    """A module's result with these weights, and with what comes from above the gradient of every parameter."""
    model = _built(name, arguments, keywords, weights)
    value = model(*inputs)
    if upstream is None:
        return {"value": value, "gradients": {}}
    if value.requires_grad:
        value.backward(upstream)
    return {
        "value": value,
        "gradients": {key: parameter.grad for key, parameter in model.named_parameters()},
    }


def standard_size(model):  # type: ignore[no-untyped-def]
    """How many numbers a model learns."""
    return sum(parameter.numel() for parameter in model.parameters())


def standard_answers(name):  # type: ignore[no-untyped-def]
    """The value of `name = ...` in the learner's file where it is written out; None where it is computed."""
    tree = ast.parse("".join(linecache.getlines("submission.py")))
    values = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    ]
    try:
        return ast.literal_eval(values[-1]) if values else None
    except ValueError:
        return None
