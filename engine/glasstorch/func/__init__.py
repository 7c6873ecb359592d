"""Function transforms: derivatives and batches of functions, free to nest.

Source: https://pytorch.org/docs/stable/func.html
"""

from . import products, rules  # noqa: F401  (they register the batch rules)
from .forward import hessian, jacfwd, jvp, linearize
from .modules import functional_call, replace_all_batch_norm_modules_, stack_module_state
from .reverse import grad, grad_and_value, jacrev, vjp
from .vmap import vmap

__all__ = [
    "functional_call", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp", "linearize",
    "replace_all_batch_norm_modules_", "stack_module_state", "vjp", "vmap",
]  # fmt: skip
