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
        object.__setattr__(self, name, value)  # notice Parameters and Modules here

    def __call__(self, *inputs):
        return self.forward(*inputs)

    def named_parameters(self):
        """Pairs of path and tensor, each tensor once."""
        return []

    def parameters(self):
        """The tensors."""
        return []

    def train(self, mode=True):
        """Set the mode of the whole tree; returns the module."""

    def eval(self):
        """Evaluation mode; returns the module."""

    def state_dict(self):
        """A dict from path to .data."""

    def load_state_dict(self, state):
        """Write the values into the tensors, after checking names and shapes."""
