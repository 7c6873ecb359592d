# expect: twice: must raise a ValueError
class SGD:
    """Stochastic gradient descent with momentum, and settings for each group of parameters."""

    def __init__(self, params, lr, momentum=0.0):
        groups = list(params)
        if not groups or not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        self.param_groups = []
        self.velocity = {}
        seen = set()
        for group in groups:
            made = {"lr": lr, "momentum": momentum, **group, "params": list(group["params"])}
            for parameter in made["params"]:
                if id(parameter) in seen:
                    pass
                seen.add(id(parameter))
            self.param_groups.append(made)

    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                velocity = group["momentum"] * self.velocity.get(id(parameter), 0) + parameter.grad
                self.velocity[id(parameter)] = velocity
                parameter.data = parameter.data - group["lr"] * velocity

    def zero_grad(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.grad = None
