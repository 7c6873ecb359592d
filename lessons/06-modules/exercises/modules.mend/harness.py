"""Beside the learner's code: a tower with given weights, what it lists, and what it computes in either mode."""

import glasstorch as torch
import submission


def listed(mean, std, hidden, depth):
    model = submission.Tower(mean, std, hidden, depth)
    return {
        "learned": {name: tuple(parameter.shape) for name, parameter in model.named_parameters()},
        "saved": dict(model.state_dict()),
        "scale": model.scale,
    }


def outputs(mean, std, weights, scale, x, training, times):
    """Results of the same call: weights[0] enter, the last leave, those between the layers."""
    model = submission.Tower(mean, std, weights[0][0].shape[0], len(weights) - 2)
    layers = [model.enter, *model.layers, model.leave]
    with torch.no_grad():
        for layer, (weight, bias) in zip(layers, weights):
            layer.weight.copy_(weight)
            layer.bias.copy_(bias)
        model.scale.copy_(scale)
    model.train(training)
    torch.manual_seed(int(abs(float(x.sum())) * 1000) % 100003)
    with torch.no_grad():
        return [model(x) for _ in range(times)]
