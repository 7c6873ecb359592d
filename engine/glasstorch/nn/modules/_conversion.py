"""Moving and converting a module, and switching its modes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ...core import dtype as dt
from ...core.device import device as Device
from ...core.frames import warn
from ...core.mode import no_grad
from ...core.tensor import Tensor
from ..parameter import Parameter, is_lazy

Self = TypeVar("Self", bound="ConversionMixin")


class ConversionMixin:
    """``to``, ``cuda``, ``double``, … and ``train``, ``eval``, ``requires_grad_``, ``zero_grad``."""

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    children: Callable
    parameters: Callable
    buffers: Callable

    def _apply(self: Self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Replace the data of every parameter, gradient and buffer by ``fn`` of it. The tensor objects stay."""
        if recurse:
            for child in self.children():
                child._apply(fn)
        for p in self._parameters.values():
            if p is None:
                continue
            if is_lazy(p):
                p.data = fn(p.data)  # the type and the place that it will have
                continue
            with no_grad():
                p.data = fn(p.detach())  # type: ignore[assignment]
                if p._grad is not None:
                    keeps = p._grad._rg
                    grad = fn(p._grad.detach())
                    if grad is p._grad:
                        continue
                    p._grad._a = grad._a
                    p._grad._rg = keeps
        for name, b in self._buffers.items():
            if is_lazy(b):
                b.data = fn(b.data)  # type: ignore[union-attr]
            elif b is not None:
                self._buffers[name] = fn(b)
        return self

    def apply(self: Self, fn: Callable[[Any], None]) -> Self:
        """Call ``fn(module)`` on every module below, then on this one."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def to(self: Self, *args: Any, **kwargs: Any) -> Self:
        """to(device=None, dtype=None, non_blocking=False), to(dtype), to(tensor): move and convert, in place.

        ``dtype`` (floating or complex) converts floating parameters and buffers only.
        """
        unknown = kwargs.keys() - {"device", "dtype", "tensor", "non_blocking", "copy", "memory_format"}
        if unknown:
            raise TypeError(
                f"to() received an invalid combination of arguments - got ({unknown.pop()}), but expected (device, "
                "dtype, non_blocking, copy, memory_format), (dtype, ...) or (tensor, ...)"
            )
        memory_format = kwargs.get("memory_format")
        target: Any = kwargs.get("device")
        want: Any = kwargs.get("dtype")
        for a in [*args, *([kwargs["tensor"]] if "tensor" in kwargs else [])]:
            if isinstance(a, dt.dtype):
                want = a
            elif isinstance(a, Tensor):
                target, want = a.device, a.dtype
            elif isinstance(a, (str, int, Device)) and not isinstance(a, bool):
                target = a
        if want is not None and want.category < dt.FLOATING:
            raise TypeError(
                f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={want!r}"
            )
        if want is not None and want.is_complex:
            warn(
                "Complex modules are a new feature under active development whose design may change, "
                "and some modules might "
                "not work as expected when using complex tensors as parameters or buffers.",
            )

        def convert(t: Tensor) -> Tensor:
            fits = t.dtype.category >= dt.FLOATING
            order = (
                {"memory_format": memory_format} if t._a.ndim in (4, 5) and memory_format is not None else {}
            )
            return t.to(target, want if fits else None, **order)  # type: ignore[attr-defined]

        return self._apply(convert)

    def cpu(self: Self) -> Self:
        """Move parameters and buffers to the host."""
        return self._apply(lambda t: t.cpu())  # type: ignore[attr-defined]

    def cuda(self: Self, device: Any = None) -> Self:
        """Move parameters and buffers to a GPU."""
        return self._apply(lambda t: t.cuda(device))  # type: ignore[attr-defined]

    def to_empty(self: Self, *, device: Any, recurse: bool = True) -> Self:
        """Move to a device without keeping the values."""
        return self._apply(lambda t: t.new_empty(t.shape, device=device), recurse)  # type: ignore[attr-defined]

    def type(self: Self, dst_type: Any) -> Self:
        """Convert all parameters and buffers to a type."""
        return self._apply(lambda t: t.type(dst_type))  # type: ignore[attr-defined]

    def _floating(self: Self, want: dt.dtype) -> Self:
        return self._apply(lambda t: t.to(want) if t.is_floating_point() else t)  # type: ignore[attr-defined]

    def float(self: Self) -> Self:
        """Convert floating parameters and buffers to float32."""
        return self._floating(dt.float32)

    def double(self: Self) -> Self:
        """Convert floating parameters and buffers to float64."""
        return self._floating(dt.float64)

    def half(self: Self) -> Self:
        """Convert floating parameters and buffers to float16."""
        return self._floating(dt.float16)

    def bfloat16(self: Self) -> Self:
        """Convert floating parameters and buffers to bfloat16."""
        return self._floating(dt.bfloat16)

    def train(self: Self, mode: bool = True) -> Self:
        """Switch this module and all below to training (``eval`` switches back). Dropout and batch norm care."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self: Self) -> Self:
        """Switch to evaluation: ``train(False)``."""
        return self.train(False)

    def requires_grad_(self: Self, requires_grad: bool = True) -> Self:
        """Switch gradients of all parameters: ``requires_grad_(False)`` freezes the module."""
        for p in self.parameters():
            p.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the gradients of all parameters, or (``set_to_none=False``) set them to zero."""
        for p in self.parameters():
            if p._grad is None:
                continue
            if set_to_none:
                p._grad = None
            else:
                p._grad.detach_() if p._grad._node is not None else p._grad.requires_grad_(False)
                p._grad.zero_()

    def share_memory(self: Self) -> Self:
        """Move parameters, their gradients and buffers to where other processes see them, in place."""
        for t in (*self.parameters(), *self.buffers()):
            t.share_memory_()  # type: ignore[attr-defined]
            if t._grad is not None:
                t._grad.share_memory_()  # type: ignore[attr-defined]
        return self
