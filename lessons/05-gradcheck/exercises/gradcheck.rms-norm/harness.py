"""Beside the learner's code: the layer, forward and back."""

import submission


def run(x, gain, upstream):
    x.requires_grad_()
    gain.requires_grad_()
    values = submission.RMSNorm.apply(x, gain)
    values.backward(upstream)
    return values, x.grad, gain.grad
