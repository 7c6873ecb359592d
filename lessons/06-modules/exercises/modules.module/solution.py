class Parameter:
    """A label on a tensor that a module is to learn."""

    def __init__(self, tensor):
        tensor.requires_grad = True
        self.tensor = tensor


class Module:
    """Keeps a book of its parameters and of the modules inside it."""

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
        """Pairs of path and tensor, each tensor once."""
        seen = set()
        pairs = list(self._parameters.items())
        for child_name, child in self._modules.items():
            pairs += [(f"{child_name}.{name}", tensor) for name, tensor in child.named_parameters()]
        for name, tensor in pairs:
            if id(tensor) not in seen:
                seen.add(id(tensor))
                yield name, tensor

    def parameters(self):
        """The tensors."""
        for _, tensor in self.named_parameters():
            yield tensor

    def train(self, mode=True):
        """Set the mode of the whole tree; returns the module."""
        self.training = mode
        for child in self._modules.values():
            child.train(mode)
        return self

    def eval(self):
        """Evaluation mode; returns the module."""
        return self.train(False)

    def state_dict(self):
        """A dict from path to .data."""
        return {name: tensor.data for name, tensor in self.named_parameters()}

    def load_state_dict(self, state):
        """Write the values into the tensors, after checking names and shapes."""
        mine = dict(self.named_parameters())
        for name in mine.keys() ^ state.keys():
            raise KeyError(name)
        for name, tensor in mine.items():
            if tuple(tensor.data.shape) != tuple(state[name].shape):
                raise ValueError(f"{name}: {tuple(state[name].shape)} does not fit")
        for name, tensor in mine.items():
            tensor.data[...] = state[name]
