"""Beside the learner's code: evaluates formulas on its Tensor, and tells values and gradients as arrays."""

import numpy as np
import submission


def _tensor(one, formula):
    if one is None:
        raise TypeError(f"`{formula}` gave None: is a `return` missing?")
    if not isinstance(one, submission.Tensor):
        raise TypeError(f"`{formula}` must give a Tensor; it gave: {type(one).__name__}.")
    return one


def _array(one):
    return None if one is None else np.asarray(one)


def evaluate(formula, arrays, fixed, upstream):
    """Value of the formula, and the gradient of each array; those named in fixed require none."""
    names = {
        name: submission.Tensor(array.copy(), requires_grad=name not in fixed)
        for name, array in arrays.items()
    }
    result = _tensor(eval(formula, dict(names)), formula)  # the exercise's own formulas
    result.backward(upstream)
    return {"value": _array(result.data), "grads": {name: _array(one.grad) for name, one in names.items()}}


def two_walks(array):
    """Gradients of a after backward from two results that share h = a * 2."""
    a = submission.Tensor(array.copy(), requires_grad=True)
    h = a * 2
    (h * 3).sum().backward()
    (h * 5).sum().backward()
    return _array(a.grad)


def own_arrays(array):
    """Whether writing into one leaf's gradient changes the other's, or the data."""
    a, b = (submission.Tensor(array.copy(), requires_grad=True) for _ in range(2))
    (a + b).sum().backward()
    b_before = np.array(b.grad)
    a.grad = np.array(a.grad) if not a.grad.flags.writeable else a.grad
    a.grad *= 7.0
    return {"same": bool(np.array_equal(b.grad, b_before)), "data": bool(np.array_equal(a.data, array))}


def passed_on(array, gradient):
    """a and b get the same from a + b, and each something else later: is what a got still its own?"""
    a, b = (submission.Tensor(array.copy(), requires_grad=True) for _ in range(2))
    ((a + b) + (b * 5 + a * 2)).backward(gradient)
    return [_array(a.grad), _array(b.grad), gradient]


def chain(length, array):
    x = first = submission.Tensor(array.copy(), requires_grad=True)
    for _ in range(length):
        x = x + 0.5
    x.sum().backward()
    return _array(first.grad)


def train(arrays, x, right, rate, steps):
    """Steps of plain gradient descent of a two-layer network with cross-entropy; the losses."""
    parameters = [submission.Tensor(array.copy(), requires_grad=True) for array in arrays]
    losses = []
    for _ in range(steps):
        w1, b1, w2, b2 = parameters
        scores = (submission.Tensor(x) @ w1 + b1).relu() @ w2 + b2
        log_of_sum = scores.exp().sum(1, keepdim=True).log()
        loss = ((log_of_sum - scores) * submission.Tensor(right)).sum(1).mean()
        loss.backward()
        for parameter in parameters:
            parameter.data = parameter.data - rate * parameter.grad
            parameter.grad = None
        losses.append(float(loss.data))
    return losses
