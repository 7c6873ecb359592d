# expect: signal: must be followed by a ReLU
from glasstorch import nn


def build(depth, hidden):
    layers, inputs = [], 2
    for _ in range(depth):
        linear = nn.Linear(inputs, hidden)
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        nn.init.zeros_(linear.bias)
        layers += [linear]
        inputs = hidden
    layers += [nn.Linear(inputs, 2)]
    return nn.Sequential(*layers)
