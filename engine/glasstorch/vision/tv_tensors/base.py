"""What tensors that know what they hold have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..._C import DisableTorchFunctionSubclass
from ...core.tensor import Tensor
from ...ops.exchange import as_tensor

_keeps_type = False  # see ``set_return_type``

#: These give back what they were given, only elsewhere or anew: the type stays in any case.
_ALWAYS_KEEP = {Tensor.clone, Tensor.to, Tensor.detach, Tensor.requires_grad_, Tensor.pin_memory}  # type: ignore[attr-defined]


class set_return_type:
    """What operations on these tensors give: "Tensor" (as at first) or "TVTensor", the type of their operand.

    It holds from the call on, or in a ``with`` block. Transforms keep types in any case.
    """

    def __init__(self, return_type: str) -> None:
        global _keeps_type
        self._before = _keeps_type
        try:
            _keeps_type = {"tensor": False, "tvtensor": True}[return_type.lower()]
        except KeyError:
            raise ValueError(f"return_type must be 'TVTensor' or 'Tensor', got {return_type}") from None

    def __enter__(self) -> set_return_type:
        return self

    def __exit__(self, *error: Any) -> None:
        global _keeps_type
        _keeps_type = self._before


class TVTensor(Tensor):
    """A tensor that knows what it holds, for transforms to treat accordingly.

    Operations give plain tensors (see ``set_return_type``); ``clone``, ``to``, ``detach``, ``requires_grad_`` and
    ``pin_memory`` keep the type. A class of one's own says in ``wrap`` what else its instances know.
    """

    @staticmethod
    def _to_tensor(
        data: Any, dtype: Any = None, device: Any = None, requires_grad: bool | None = None
    ) -> Any:
        if requires_grad is None:
            requires_grad = data.requires_grad if isinstance(data, Tensor) else False
        made: Any = as_tensor(data, dtype=dtype, device=device)
        return made.requires_grad_(requires_grad)

    @classmethod
    def wrap(cls, tensor: Tensor, like: Any, **kwargs: Any) -> Any:
        """``tensor`` as an instance of this class that knows what ``like`` knows."""
        return tensor.as_subclass(cls)  # type: ignore[attr-defined]

    @classmethod
    def _wrap_output(
        cls, output: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if isinstance(output, Tensor) and not isinstance(output, cls):
            return cls._like_first(output, args, kwargs)
        if isinstance(output, (tuple, list)):
            parts = [cls._wrap_output(part, args, kwargs) for part in output]
            return output._make(parts) if hasattr(output, "_make") else type(output)(parts)
        return output

    @classmethod
    def _like_first(cls, output: Any, args: Sequence[Any], kwargs: Mapping[str, Any] | None) -> Any:
        """The output in this class; what instances know comes from the first of them among the arguments."""
        return output.as_subclass(cls)

    @classmethod
    def __torch_function__(
        cls, func: Callable, types: tuple, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if not all(issubclass(cls, t) for t in types):
            return NotImplemented
        with DisableTorchFunctionSubclass():
            output = func(*args, **kwargs or {})
        # In ``plain.to(image)`` the image is only looked at
        if _keeps_type or (func in _ALWAYS_KEEP and isinstance(args[0], cls)):
            return cls._wrap_output(output, args, kwargs)
        if isinstance(output, cls):  # in-place operations give back their operand
            return output.as_subclass(Tensor)
        return output

    def _shown(self, **known: Any) -> str:
        return f"{super().__repr__()[:-1]}, {', '.join(f'{k}={v}' for k, v in known.items())})"

    def __deepcopy__(self, memo: dict) -> Any:
        # A bare clone would be part of the graph
        copy: Any = self.detach().clone()  # type: ignore[attr-defined]
        return copy.requires_grad_(self.requires_grad)


def first_of(cls: type, args: Sequence[Any], kwargs: Mapping[str, Any] | None) -> Any:
    """The first instance of ``cls`` among the arguments of a call, however deep."""
    from ...utils._pytree import tree_leaves

    leaves = tree_leaves((args, kwargs or {}))
    return next(x for x in leaves if isinstance(x, cls))
