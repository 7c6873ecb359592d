"""Beside the learner's code: a small network, and what became of it."""

import glasstorch as torch
import submission
from glasstorch import nn


def evaluated(weight, bias, batches):
    model = nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        model.weight.copy_(weight)
        model.bias.copy_(bias)
    recorded = []
    model.register_forward_hook(lambda module, inputs, output: recorded.append(output.requires_grad))
    result = submission.evaluate(model, nn.CrossEntropyLoss(), batches)
    tensor = isinstance(result, torch.Tensor)
    return {
        "kind": "tensor" if tensor else type(result).__name__,
        "value": result.detach() if tensor else result,
        "recorded": recorded,
        "gradient": any(p.grad is not None for p in model.parameters()),
        "enabled": torch.is_grad_enabled(),
        "wanted": all(p.requires_grad for p in model.parameters()),
    }
