from glasstorch import nn


def build(depth, hidden):
    """Two coordinates in, `depth` hidden layers with ReLU, two scores out."""
    layers, inputs = [], 2
    for _ in range(depth):
        linear = nn.Linear(inputs, hidden)
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        nn.init.zeros_(linear.bias)
        layers += [linear, nn.ReLU()]
        inputs = hidden
    layers += [nn.Linear(inputs, 2)]
    return nn.Sequential(*layers)
