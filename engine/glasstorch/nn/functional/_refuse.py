"""What a function says when it is given something else than tensors."""

from __future__ import annotations

from typing import Any, NoReturn

from ...core.tensor import Tensor


def not_tensors(name: str, attribute: str = "", **given: Any) -> NoReturn:
    """Name the first argument that is no tensor, as PyTorch does.

    ``attribute``: what PyTorch's own Python code would have asked of it; the error is then an AttributeError.
    """
    for position, (argument, value) in enumerate(given.items(), 1):
        if isinstance(value, Tensor):
            continue
        kind = type(value).__name__
        hint = "Wrap numbers, lists and arrays in tensor(...) first."
        if attribute:
            raise AttributeError(
                f"{kind!r} object has no attribute {attribute!r}\n{name}() takes tensors. {hint}"
            )
        raise TypeError(
            f"{name}(): argument {argument!r} (position {position}) must be Tensor, not {kind}\n{hint}"
        )
    raise AssertionError(f"{name}() was given tensors only")
