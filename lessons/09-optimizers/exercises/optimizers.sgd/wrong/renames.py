# expect: plain: No parameter has moved
class SGD:
    def __init__(self, params, lr, momentum=0.0):
        self.params = list(params)
        self.lr = lr
        self.momentum = momentum
        self.velocities = [0.0 for _ in self.params]

    def step(self):
        for p in self.params:
            if p.grad is not None:
                p = p.data - self.lr * p.grad

    def zero_grad(self):
        for p in self.params:
            p.grad = None
