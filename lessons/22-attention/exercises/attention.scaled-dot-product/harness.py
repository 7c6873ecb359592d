"""Beside the learner's code: its two functions, called with autograd off."""

import glasstorch as torch
import submission


def forward(*arguments):
    with torch.no_grad():
        result = submission.attention(*arguments)
    return list(result) if isinstance(result, (tuple, list)) else result


def gradients(*arguments):
    with torch.no_grad():
        result = submission.attention_vjp(*arguments)
    return list(result) if isinstance(result, (tuple, list)) else result
