"""Hooks on saved tensors, and what is made of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from ...core.mode import THREAD
from ...core.saved import pop_hooks, push_hooks
from ...core.tensor import Tensor


class saved_tensors_hooks:
    """Inside the ``with`` block, what the graph saves for its backward goes through ``pack_hook(tensor)``.

    ``unpack_hook`` gets what that returned when the backward needs the tensor, and makes an equal tensor of it. The
    innermost pair of hooks counts.
    Source: https://pytorch.org/docs/stable/autograd.html#torch.autograd.graph.saved_tensors_hooks
    """

    def __init__(self, pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Tensor]) -> None:
        self.pack_hook, self.unpack_hook = pack_hook, unpack_hook

    def __enter__(self) -> None:
        push_hooks(self.pack_hook, self.unpack_hook)

    def __exit__(self, *exc: Any) -> None:
        pop_hooks()


class save_on_cpu(saved_tensors_hooks):
    """Saved tensors wait in the CPU's memory, and come back to their device for the backward.

    ``pin_memory`` is for copies that overlap with work on the GPU.
    Source: https://pytorch.org/docs/stable/autograd.html#torch.autograd.graph.save_on_cpu
    """

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        def pack(tensor: Tensor) -> tuple:
            copy = tensor.detach().cpu()
            return tensor.device, copy.clone() if tensor.device.type == "cpu" else copy

        def unpack(packed: tuple) -> Tensor:
            device, tensor = packed
            return tensor.to(device, non_blocking=pin_memory)

        super().__init__(pack, unpack)


@contextlib.contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Iterator[None]:
    """Inside, entering ``saved_tensors_hooks`` is a RuntimeError with this message."""
    if THREAD.saved_hooks:
        raise RuntimeError(error_message)
    before, THREAD.saved_hooks_refused = THREAD.saved_hooks_refused, error_message
    try:
        yield
    finally:
        THREAD.saved_hooks_refused = before


class _Kept:
    """The copies that ``allow_mutation_on_saved_tensors`` made, one for each version of a tensor."""

    def __init__(self) -> None:
        self.copies: dict[tuple, Tensor] = {}

    def clear(self) -> None:
        """Forget all copies: graphs recorded inside can then no longer be walked."""
        self.copies.clear()


@contextlib.contextmanager
def allow_mutation_on_saved_tensors() -> Iterator[_Kept]:
    """Inside, tensors that the graph saved may be changed in place: the backward uses what they were.

    Each saved tensor is copied when it is saved (once, however many nodes save it). The backward must run inside too.
    Source: https://pytorch.org/docs/stable/autograd.html#torch.autograd.graph.allow_mutation_on_saved_tensors
    """
    kept = _Kept()

    def pack(tensor: Tensor) -> tuple:
        a: Any = tensor._a
        key = (id(tensor._v), tensor._v[0], tensor.data_ptr(), a.shape, a.strides)
        if key not in kept.copies:
            kept.copies[key] = tensor.detach().clone()
            kept.copies[key].__dict__["_version_cell"] = (
                tensor._v
            )  # keeps the id in the key from being used again
        return key

    def unpack(key: tuple) -> Tensor:
        if key not in kept.copies:
            raise RuntimeError(
                "Trying to backward outside of the 'allow_mutation_on_saved_tensors' contextin which the graph was "
                "originally recorded."
            )
        return kept.copies[key]

    with saved_tensors_hooks(pack, unpack):
        try:
            yield kept
        finally:
            kept.clear()


__all__ = [
    "allow_mutation_on_saved_tensors",
    "disable_saved_tensors_hooks",
    "save_on_cpu",
    "saved_tensors_hooks",
]
