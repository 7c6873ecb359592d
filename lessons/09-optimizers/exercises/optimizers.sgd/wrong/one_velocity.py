# expect: momentum: Parameter 0 after step 1 is off
class SGD:
    def __init__(self, params, lr, momentum=0.0):
        self.params = list(params)
        self.lr = lr
        self.momentum = momentum
        self.velocity = 0.0

    def step(self):
        for p in self.params:
            if p.grad is not None:
                if self.momentum:
                    self.velocity = self.momentum * self.velocity + p.grad.sum()
                p.data = p.data - self.lr * (self.velocity if self.momentum else p.grad)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
