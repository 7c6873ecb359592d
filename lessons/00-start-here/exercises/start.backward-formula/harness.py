"""Beside the learner's code: call it with autograd off, and see what became of its arguments.

`formula` is for the picture of a formula that is wrong: there each of its operations is a node.
"""

import glasstorch as torch
import submission


def gradient(grad_output, x):
    with torch.no_grad():
        result = submission.silu_backward(grad_output, x)
    kind = "tensor" if isinstance(result, torch.Tensor) else type(result).__name__
    return {"kind": kind, "result": result, "grad_output": grad_output, "x": x}


def formula(grad_output, x):
    return submission.silu_backward(grad_output, x)
