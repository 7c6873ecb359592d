# expect: momentum: nothing is remembered
class SGD:
    def __init__(self, params, lr, momentum=0.0):
        self.params = list(params)
        self.lr = lr
        self.momentum = momentum
        self.velocities = [0.0 for _ in self.params]

    def step(self):
        for p in self.params:
            if p.grad is not None:
                velocity = self.momentum * 0.0 + p.grad
                p.data = p.data - self.lr * velocity

    def zero_grad(self):
        for p in self.params:
            p.grad = None
