# expect: momentum: it must be a sum
class SGD:
    def __init__(self, params, lr, momentum=0.0):
        self.params = list(params)
        self.lr = lr
        self.momentum = momentum
        self.velocities = [0.0 for _ in self.params]

    def step(self):
        for k, p in enumerate(self.params):
            if p.grad is not None:
                self.velocities[k] = self.momentum * self.velocities[k] + (1 - self.momentum) * p.grad
                p.data = p.data - self.lr * self.velocities[k]

    def zero_grad(self):
        for p in self.params:
            p.grad = None
