# expect: signal: Each layer makes the signal smaller
from glasstorch import nn


def build(depth, hidden):
    layers, inputs = [], 2
    for _ in range(depth):
        linear = nn.Linear(inputs, hidden)
        nn.init.xavier_normal_(linear.weight)
        nn.init.zeros_(linear.bias)
        layers += [linear, nn.ReLU()]
        inputs = hidden
    layers += [nn.Linear(inputs, 2)]
    return nn.Sequential(*layers)
