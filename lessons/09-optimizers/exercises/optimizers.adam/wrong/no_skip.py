# expect: skips: whose `.grad` is None
class Adam:
    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
        self.params = list(params)
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.means = [0.0 for _ in self.params]
        self.squares = [0.0 for _ in self.params]
        self.steps = [0 for _ in self.params]

    def step(self):
        b1, b2 = self.betas
        for k, p in enumerate(self.params):
            g = p.grad
            self.means[k] = b1 * self.means[k] + (1 - b1) * g
            self.squares[k] = b2 * self.squares[k] + (1 - b2) * g * g
            self.steps[k] += 1
            t = self.steps[k]
            mean = self.means[k] / (1 - b1**t)
            square = self.squares[k] / (1 - b2**t)
            p.data = p.data - self.lr * mean / (square**0.5 + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
