import functools

_enabled = True


def is_grad_enabled():
    """Whether operations are recorded at the moment."""
    return _enabled


class no_grad:
    """Nothing is recorded inside; afterwards all is as it was before."""

    def __init__(self):
        self.found = []

    def __enter__(self):
        global _enabled
        self.found.append(_enabled)
        _enabled = False

    def __exit__(self, kind, error, trace):
        global _enabled
        _enabled = self.found.pop()

    def __call__(self, function):
        """Make a function that runs inside this block, and returns what `function` returns."""

        @functools.wraps(function)
        def inside(*args, **kwargs):
            with no_grad():
                return function(*args, **kwargs)

        return inside
