class Adam:
    """Momentum, and a step size of its own for every number."""

    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
        self.params = list(params)
        self.lr = lr
        self.betas = betas
        self.eps = eps
        # what you remember for each parameter, and the count of steps

    def step(self):
        """Move every parameter that has a gradient."""
        # your lines

    def zero_grad(self):
        """Forget all gradients."""
        # your lines
