"""Places in the graph: gradient edges, a hook on several gradients at once, version counters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ...core.backward import STARTS
from ...core.node import GradientEdge, Port, RemovableHandle, accumulator
from ...core.tensor import Tensor
from ...core.watched import current_watch, start_watching


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """The edge at which the gradient of a tensor arrives; ``autograd.grad`` and ``backward`` take it for the tensor.

    Source: https://pytorch.org/docs/stable/generated/torch.autograd.graph.get_gradient_edge.html
    """
    if not tensor.requires_grad:
        raise RuntimeError(
            "It is not possible to get the gradient edge for a Tensor that does not require gradients"
        )
    node: Any = tensor._node
    if node is None:
        return GradientEdge(accumulator(tensor), 0)
    if isinstance(node, Port):
        return GradientEdge(node.edges[0], node.nr, node)
    return GradientEdge(node, 0)


def increment_version(tensor: Tensor | Iterable[Tensor]) -> None:
    """Count a change that autograd cannot see, such as one made through another library's pointer."""
    for t in [tensor] if isinstance(tensor, Tensor) else list(tensor):
        if t.is_inference():
            raise RuntimeError("Inference tensors do not track version counter.")
        t._v[0] += 1


class _Handles:
    """The handles of one hook on several tensors."""

    def __init__(self, handles: Sequence[RemovableHandle]) -> None:
        self.handles = tuple(handles)

    def remove(self) -> None:
        """Take the hook away."""
        for handle in self.handles:
            handle.remove()

    def __enter__(self) -> _Handles:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.remove()


def register_multi_grad_hook(tensors: Sequence[Tensor], fn: Callable, *, mode: str = "all") -> _Handles:
    """Call ``fn`` once in each backward: with the gradients of all tensors when the last of them is there
    (``mode="all"``; None for those that take no part), or with the first gradient that comes (``"any"``).

    Source: https://pytorch.org/docs/stable/generated/torch.autograd.graph.register_multi_grad_hook.html
    """
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    lock = threading.Lock()
    state: dict[str, Any] = {"walk": None, "seen": 0, "expected": 0, "grads": []}

    def start(walk: Any) -> None:
        takes_part = [walk.reaches(t) for t in tensors]
        state.update(walk=walk.number, seen=0, expected=sum(takes_part), grads=[None] * len(tensors))

    def hook_for(k: int) -> Callable:
        def hook(grad: Tensor) -> None:
            walk = current_watch()
            with lock:
                if state["walk"] != walk.number:
                    start(walk)
                state["seen"] += 1
                state["grads"][k] = grad
                first, last = state["seen"] == 1, state["seen"] == state["expected"]
                grads = state["grads"]
            if mode == "any":
                if first:
                    fn(grad)
            elif last:
                fn(grads)

        return hook

    start_watching()
    return _Handles([t.register_hook(hook_for(k)) for k, t in enumerate(tensors)])


def register_backward_start_hook(fn: Callable[[tuple], None]) -> RemovableHandle:
    """Call ``fn(tensors)`` whenever a backward is about to start, in any thread, with what it starts from.

    What the graph saved for the backward is still there then. ``autograd.grad`` starts no hook, since it changes no
    ``.grad``. PyTorch has no such hook. Tools use it to see the loss of a loop that they do not own.
    """
    return RemovableHandle.add(STARTS, fn)


__all__ = [
    "get_gradient_edge",
    "increment_version",
    "register_backward_start_hook",
    "register_multi_grad_hook",
]
