"""What every function of the namespace gets: ``out=``, and PyTorch's words for a first argument that is no tensor."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from ..core.outputs import with_out
from ..core.refusals import takes_tensors

#: Functions whose first parameter PyTorch calls ``input`` (its documentation says A); the others have their own name.
SAY_INPUT = {
    "cholesky", "cholesky_ex", "cond", "eig", "eigh", "eigvals", "eigvalsh", "householder_product", "ldl_factor",
    "ldl_factor_ex", "lstsq", "matrix_exp", "matrix_norm", "matrix_power", "matrix_rank", "norm", "pinv",
    "solve_triangular", "tensorinv", "tensorsolve", "vector_norm",
}  # fmt: skip


def form(name: str = "", *, exact: bool = True) -> Callable:
    """Decorator for a function of ``glasstorch.linalg``; ``name`` is what messages about ``out`` call it."""

    def decorate(fn: Callable) -> Callable:
        own = next(iter(inspect.signature(fn).parameters))
        title = fn.__name__.removeprefix("linalg_")
        says = "input" if title in SAY_INPUT else own
        checked = takes_tensors(f"linalg_{title}", first=says)(fn)
        inner = with_out(name or f"linalg_{title}", exact=exact)(checked)

        @functools.wraps(inner)
        def call(*args: Any, **kwargs: Any) -> Any:
            if not args:  # by its documented name or by PyTorch's own
                args = tuple(kwargs.pop(k) for k in (own, says) if k in kwargs)[:1]
            return inner(*args, **kwargs)

        call.__signature__ = inspect.signature(inner)  # type: ignore[attr-defined]
        return call

    return decorate
