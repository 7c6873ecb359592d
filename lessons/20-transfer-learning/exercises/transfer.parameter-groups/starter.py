class SGD:
    """Stochastic gradient descent with momentum, and settings for each group of parameters."""

    def __init__(self, params, lr, momentum=0.0):
        pass  # make self.param_groups, and something that remembers velocities

    def step(self):
        pass  # move every parameter that has a gradient

    def zero_grad(self):
        pass  # forget the gradients
