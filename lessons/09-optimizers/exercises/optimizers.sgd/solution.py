class SGD:
    """Gradient descent with momentum."""

    def __init__(self, params, lr, momentum=0.0):
        self.params = list(params)
        self.lr = lr
        self.momentum = momentum
        self.velocities = [0.0 for _ in self.params]

    def step(self):
        """Move every parameter that has a gradient."""
        for k, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.velocities[k] = self.momentum * self.velocities[k] + p.grad
            p.data = p.data - self.lr * self.velocities[k]

    def zero_grad(self):
        """Forget all gradients."""
        for p in self.params:
            p.grad = None
