# expect: backward: This is the local derivative
import math

import glasstorch as torch


class LogCosh(torch.autograd.Function):
    """log(cosh(prediction - target)), element by element; tensors of the same shape."""

    @staticmethod
    def forward(ctx, prediction, target):
        ctx.save_for_backward(prediction, target)
        size = (prediction - target).abs()
        return size + torch.log1p(torch.exp(-2 * size)) - math.log(2)

    @staticmethod
    def backward(ctx, grad_output):
        prediction, target = ctx.saved_tensors
        gradient = torch.tanh(prediction - target)
        return gradient, -gradient
