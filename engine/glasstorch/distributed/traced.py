"""What a profiler sees of communication: the calls, and beside them the time in which something was on its way.

Names are PyTorch's: ``c10d::allreduce_`` for the call, which only asks, and ``gloo:all_reduce`` in a row of its own for
what then goes on beside the program. ``wait`` is the program standing still for it.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ..core.mode import STATE, THREAD

if TYPE_CHECKING:
    from ..core.tensor import Tensor

Fn = TypeVar("Fn", bound=Callable[..., Any])

#: The operators that PyTorch's collectives call.
_CALLS = {
    "all_reduce": "allreduce_", "broadcast": "broadcast_", "reduce": "reduce_", "all_gather": "allgather_",
    "all_gather_into_tensor": "_allgather_base_", "gather": "gather_", "scatter": "scatter_",
    "reduce_scatter": "reduce_scatter_", "reduce_scatter_tensor": "_reduce_scatter_base_", "all_to_all": "alltoall_",
    "all_to_all_single": "alltoall_base_", "barrier": "barrier", "send": "send", "isend": "send", "recv": "recv_",
    "irecv": "recv_", "monitored_barrier": "monitored_barrier_",
}  # fmt: skip
#: What the backend does for them, where it is not called like the function.
_DONE = {
    "all_gather_into_tensor": "all_gather", "reduce_scatter_tensor": "reduce_scatter",
    "all_to_all_single": "all_to_all", "isend": "send", "irecv": "recv",
}  # fmt: skip
_QUIET = contextlib.nullcontext()


def profiler() -> Any:
    """The recorder that watches this thread, if any."""
    found = THREAD.profiler if STATE.special else None
    return found if found is not None and found.watching else None


def call(name: str, first: Tensor | None) -> Any:
    """A range around the call of a collective; ``first``: one of its tensors."""
    p = profiler()
    return _QUIET if p is None else p.range(f"c10d::{_CALLS[name]}", () if first is None else ([first],))


def name_of(backend: str, name: str) -> str:
    """The name of what goes on beside the program, such as "gloo:all_reduce"."""
    return f"{backend}:{_DONE.get(name, name)}"


def waited(start: float, end: float) -> None:
    """The program has just stood still between these times."""
    p = profiler()
    if p is not None:
        p.past("wait", start, end)


def operation(name: str) -> Callable[[Fn], Fn]:
    """A decorator: each call is a range with the name of one of PyTorch's internal operations."""

    def decorate(func: Fn) -> Fn:
        @functools.wraps(func)
        def told(*args: Any, **kwargs: Any) -> Any:
            p = profiler()
            return func(*args, **kwargs) if p is None else p.call(name, func, (), *args, **kwargs)

        return told  # type: ignore[return-value]

    return decorate


def annotation(name: str) -> Callable[[Fn], Fn]:
    """A decorator: each call is a range that tables show as the user's own, as ``record_function`` makes them."""

    def decorate(func: Fn) -> Fn:
        @functools.wraps(func)
        def told(*args: Any, **kwargs: Any) -> Any:
            p = profiler()
            return func(*args, **kwargs) if p is None else p.annotated(name, func, *args, **kwargs)

        return told  # type: ignore[return-value]

    return decorate
