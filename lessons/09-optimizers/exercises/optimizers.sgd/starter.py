class SGD:
    """Gradient descent with momentum."""

    def __init__(self, params, lr, momentum=0.0):
        self.params = list(params)
        self.lr = lr
        self.momentum = momentum
        # one velocity for each parameter, 0 at first

    def step(self):
        """Move every parameter that has a gradient."""
        # your lines

    def zero_grad(self):
        """Forget all gradients."""
        # your lines
