"""Beside the learner's code: forward and backward of the operation, and what the graph has saved."""

import submission


def run(prediction, target, upstream):
    """The values, the gradients of both, and what went wrong on the way back, if anything."""
    prediction.requires_grad_()
    target.requires_grad_()
    values = submission.LogCosh.apply(prediction, target)
    if values is None or not values.requires_grad:
        return {"values": values, "gradients": None, "problem": ""}
    try:
        values.backward(upstream)
    except RuntimeError as error:
        return {"values": values, "gradients": None, "problem": str(error)}
    return {"values": values, "gradients": [prediction.grad, target.grad], "problem": ""}


def overwritten(prediction, target, upstream):
    """The gradient if the prediction is written over before the way back; the error's text where it is noticed."""
    target.requires_grad_()
    values = submission.LogCosh.apply(prediction, target)
    if values is None or not values.requires_grad:
        return {"noticed": False, "gradient": None}
    prediction.add_(1)
    try:
        values.backward(upstream)
    except RuntimeError as error:
        return {"noticed": "modified by an inplace operation" in str(error), "gradient": None}
    return {"noticed": False, "gradient": target.grad}
