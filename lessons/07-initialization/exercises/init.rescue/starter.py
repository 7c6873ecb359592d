from glasstorch import nn


def build(depth, hidden):
    """Two coordinates in, `depth` hidden layers with ReLU, two scores out."""
    layers, inputs = [], 2
    for _ in range(depth):
        linear = nn.Linear(inputs, hidden)
        nn.init.normal_(linear.weight, mean=0.0, std=0.05)
        nn.init.constant_(linear.bias, -1.0)
        layers += [linear, nn.ReLU()]
        inputs = hidden
    layers += [nn.Linear(inputs, 2), nn.ReLU()]
    return nn.Sequential(*layers)
