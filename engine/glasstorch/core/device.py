"""Devices: where a tensor's array lives. ``cpu`` is NumPy, ``cuda`` is CuPy."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

from .. import backends

#: The types that PyTorch knows. Tensors live on the first two here.
TYPES = ("cpu", "cuda", "ipu", "xpu", "mkldnn", "opengl", "opencl", "ideep", "hip", "ve", "fpga", "maia", "xla", "lazy",
         "vulkan", "mps", "meta", "hpu", "mtia", "privateuseone")  # fmt: skip


class _Chosen(threading.local):
    """Where this thread's factories put tensors: the innermost ``with device(...)``, else ``set_default_device``'s."""

    stack: tuple[device, ...] = ()


_chosen = _Chosen()
_everywhere: device | None = None


class device:
    """A place for tensors: ``device("cpu")``, ``device("cuda:0")``, ``device("cuda", 1)``.

    In a ``with`` block it is where new tensors go that name no device of their own.
    """

    __slots__ = ("index", "type")
    type: str
    index: int | None

    def __init__(self, type: Any, index: int | None = None) -> None:
        if isinstance(type, device):
            self.type, self.index = type.type, type.index
            return
        if isinstance(type, int) and not isinstance(type, bool):
            if backends.cupy() is None:
                raise RuntimeError("Cannot access accelerator device when none is available.")
            self.type, self.index = "cuda", type
            return
        if not isinstance(type, str):
            raise TypeError(
                f"device() received an invalid combination of arguments - got ({type.__class__.__name__}), but "
                "expected one of:\n * (torch.device device)\n * (str type, int index = -1)\n"
            )
        if index is not None and (not isinstance(index, int) or isinstance(index, bool)):
            raise TypeError(
                f"device(): argument 'index' (position 2) must be int, not {index.__class__.__name__}"
            )
        if not type:
            raise RuntimeError("Device string must not be empty")
        name, colon, number = type.partition(":")
        if colon and (not number.isdigit() or (number != "0" and number[0] == "0")):
            raise RuntimeError(f"Invalid device string: '{type}'")
        if name not in TYPES:
            raise RuntimeError(
                f"Expected one of {', '.join(TYPES)} device type at start of device string: {name}"
            )
        if index is not None and index < 0:
            raise RuntimeError("Device index must not be negative")
        if number and index is not None:
            raise RuntimeError(
                f"type (string) must not include an index because index was passed explicitly: {type}"
            )
        self.type = name
        self.index = int(number) if number else index

    def __repr__(self) -> str:
        return f"device(type={self.type!r}" + ("" if self.index is None else f", index={self.index}") + ")"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __enter__(self) -> device:
        _chosen.stack += (self,)
        return self

    def __exit__(self, *exc: Any) -> None:
        _chosen.stack = _chosen.stack[:-1]

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __reduce__(self) -> tuple:
        return device, (self.type, self.index)

    def __call__(self, fn: Callable) -> Callable:
        """As a decorator: the default device while the function runs."""

        @functools.wraps(fn)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with device(self):
                return fn(*args, **kwargs)

        return inside


cpu = device("cpu")


def default_device() -> device | None:
    """Where tensors go that name no device, or None when nothing was chosen (then it is the CPU)."""
    stack = _chosen.stack
    return stack[-1] if stack else _everywhere


def get_default_device() -> device:
    """The device of new tensors that name none. Source:
    https://pytorch.org/docs/stable/generated/torch.get_default_device.html
    """
    return default_device() or cpu


def set_default_device(device: Any) -> None:
    """Let new tensors that name no device go to ``device``; None goes back to the CPU. Source:
    https://pytorch.org/docs/stable/generated/torch.set_default_device.html
    """
    global _everywhere
    _everywhere = None if device is None else _device(device)


_device = device
