_enabled = True


def is_grad_enabled():
    """Whether operations are recorded at the moment."""
    return _enabled


class no_grad:
    """Nothing is recorded inside; afterwards all is as it was before."""

    def __enter__(self):
        pass

    def __exit__(self, kind, error, trace):
        pass

    def __call__(self, function):
        """Make a function that runs inside this block, and returns what `function` returns."""
        return function
