# expect: steps: the averages are not corrected
class AdamW:
    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        self.params = list(params)
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.means = [0.0 for _ in self.params]
        self.squares = [0.0 for _ in self.params]
        self.steps = 0

    def step(self):
        b1, b2 = self.betas
        for k, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad
            p.data = p.data - self.lr * self.weight_decay * p.data
            self.means[k] = b1 * self.means[k] + (1 - b1) * g
            self.squares[k] = b2 * self.squares[k] + (1 - b2) * g * g
            mean, square = self.means[k], self.squares[k]
            p.data = p.data - self.lr * mean / (square**0.5 + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
