# expect: modes: not of the modules inside it
class Parameter:
    def __init__(self, tensor):
        tensor.requires_grad = True
        self.tensor = tensor


class Module:
    def __init__(self):
        # object.__setattr__ goes past our own __setattr__, which needs these two dicts
        object.__setattr__(self, "_parameters", {})
        object.__setattr__(self, "_modules", {})
        self.training = True

    def __setattr__(self, name, value):
        if isinstance(value, Parameter):
            value = self._parameters[name] = value.tensor
        elif isinstance(value, Module):
            self._modules[name] = value
        object.__setattr__(self, name, value)

    def __call__(self, *inputs):
        return self.forward(*inputs)

    def named_parameters(self):
        seen = set()
        pairs = list(self._parameters.items())
        for child_name, child in self._modules.items():
            pairs += [(f"{child_name}.{name}", tensor) for name, tensor in child.named_parameters()]
        for name, tensor in pairs:
            if id(tensor) not in seen:
                seen.add(id(tensor))
                yield name, tensor

    def parameters(self):
        for _, tensor in self.named_parameters():
            yield tensor

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def state_dict(self):
        return {name: tensor.data for name, tensor in self.named_parameters()}

    def load_state_dict(self, state):
        mine = dict(self.named_parameters())
        for name in mine.keys() ^ state.keys():
            raise KeyError(name)
        for name, tensor in mine.items():
            if tuple(tensor.data.shape) != tuple(state[name].shape):
                raise ValueError(f"{name}: {tuple(state[name].shape)} does not fit")
        for name, tensor in mine.items():
            tensor.data[...] = state[name]
