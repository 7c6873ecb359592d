"""Beside the learner's code: a small network to train, and a diary of what was done with it.

The diary only helps to explain a wrong answer. Right or wrong is decided by the parameters.
"""

import glasstorch as torch
import submission
from glasstorch import nn

diary = []


class Optimizer(torch.optim.SGD):
    def zero_grad(self, *args, **kwargs):
        diary.append("zero_grad")
        super().zero_grad(*args, **kwargs)

    def step(self, *args, **kwargs):
        diary.append("step")
        return super().step(*args, **kwargs)


class Loss(nn.CrossEntropyLoss):
    def forward(self, *args):
        loss = super().forward(*args)
        loss.register_hook(lambda gradient: diary.append("backward"))
        return loss


def train(parameters, batches, lr, momentum, leftover):
    """Steps of the learner's function, one for each batch.

    Args:
        parameters: weight and bias of the first and of the second layer.
        batches: pairs of images and labels.
        leftover: what every gradient holds before the first step, or None.
    """
    first, second = parameters[0].shape, parameters[2].shape
    model = nn.Sequential(nn.Linear(first[1], first[0]), nn.ReLU(), nn.Linear(second[1], second[0]))
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), parameters):
            parameter.copy_(value)
    if leftover is not None:
        for parameter in model.parameters():
            parameter.grad = torch.full_like(parameter, leftover)
    optimizer = Optimizer(model.parameters(), lr=lr, momentum=momentum)
    diary.clear()
    returned = [submission.train_step(model, Loss(), optimizer, *batch) for batch in batches]
    return {
        "kinds": ["tensor" if isinstance(one, torch.Tensor) else type(one).__name__ for one in returned],
        "returned": [one if type(one) in (int, float) else None for one in returned],
        "parameters": list(model.parameters()),
        "diary": diary[:1000],
    }
