"""A tensor as an instance of a subclass: the same memory, another class."""

from __future__ import annotations

from typing import Any

from ..core.op import op
from ..core.tensor import Tensor


@op(view=True, name="AliasBackward0", method=False, function=False)
class alias:
    """alias(input) -> Tensor

    A view of all of ``input``.
    """

    formula = "x"

    def forward(xp, input: Array):
        return input[...]

    def d_input(F, g):
        r"\bar y"
        return g


def _check_class(cls: Any) -> None:
    if not isinstance(cls, type):
        raise TypeError(f"cls must be a type (got {type(cls).__name__})")
    if not issubclass(cls, Tensor):
        raise TypeError(
            "Creating a Tensor subclass from a class that does not inherit from Tensor is not possible. "
            "Make sure your class inherits from Tensor."
        )


def as_subclass(self: Tensor, cls: type) -> Any:
    """as_subclass(cls) -> an instance of cls

    The same memory and history as an instance of a subclass of ``Tensor``. Neither ``cls.__new__`` nor
    ``cls.__init__`` is called. Source: https://pytorch.org/docs/stable/generated/torch.Tensor.as_subclass.html
    """
    _check_class(cls)
    from ..core.overrides import without_subclasses

    with without_subclasses():
        view = alias(self)
    out = object.__new__(cls)
    out._a, out._rg, out._node, out._v, out._grad, out._x = (
        view._a, view._rg, view._node, view._v, None, view._x,
    )  # fmt: skip
    out._x.base._ensure_extra().add_view(out)
    return out


def _make_subclass(
    cls: Any, data: Any, require_grad: bool = False, *, dispatch_sizes_strides_policy: Any = None
) -> Any:
    """_make_subclass(cls, data, require_grad=False) -> an instance of cls

    A leaf of class ``cls`` over the memory of ``data``, without its history.
    """
    _check_class(cls)
    out = object.__new__(cls)
    plain = data.detach()
    out._fill_slots(plain._a)
    out._v = plain._v
    if require_grad:
        out.requires_grad_()
    return out


Tensor.as_subclass = as_subclass
Tensor._make_subclass = staticmethod(_make_subclass)
