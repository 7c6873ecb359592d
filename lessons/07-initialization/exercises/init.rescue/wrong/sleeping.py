# expect: awake: they are dead
from glasstorch import nn


def build(depth, hidden):
    layers, inputs = [], 2
    for _ in range(depth):
        linear = nn.Linear(inputs, hidden)
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        nn.init.constant_(linear.bias, -1.0)
        layers += [linear, nn.ReLU()]
        inputs = hidden
    layers += [nn.Linear(inputs, 2)]
    return nn.Sequential(*layers)
