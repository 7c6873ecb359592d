# expect: signal: The list of shapes of the linear layers
from glasstorch import nn


def build(depth, hidden):
    layers, inputs = [], 2
    for _ in range(depth):
        linear = nn.Linear(inputs, 2 * hidden)
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        nn.init.zeros_(linear.bias)
        layers += [linear, nn.ReLU()]
        inputs = 2 * hidden
    layers += [nn.Linear(inputs, 2)]
    return nn.Sequential(*layers)
