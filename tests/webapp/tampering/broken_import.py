# ends: failed
# says: is off
import builtins
import sys

sys.meta_path.clear()
sys.path_hooks.clear()
builtins.__import__ = lambda *args, **kwargs: None


def relu_backward(x, g):
    return g + 1


def scale(x, factor):
    return x * factor
