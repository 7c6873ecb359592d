class AdamW:
    """Adam whose weight decay leaves the gradient alone."""

    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        self.params = list(params)
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        # what you remember for each parameter, and the count of steps

    def step(self):
        """Move every parameter that has a gradient."""
        # your lines

    def zero_grad(self):
        """Forget all gradients."""
        # your lines
