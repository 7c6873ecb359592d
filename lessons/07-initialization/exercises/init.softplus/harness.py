"""Beside the learner's code: both functions on one input, and what became of it."""

import submission


def both(x, ones):
    value, gradient = submission.softplus(x), submission.softplus_backward(ones, x)
    return {"value": value, "gradient": gradient, "x": x}
