"""Anomaly mode: name the forward line behind an error or a nan in the backward.

Reference: https://pytorch.org/docs/stable/autograd.html#anomaly-detection
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import backends
from ..core.frames import user_stack, warn
from ..core.mode import STATE, THREAD
from ..core.node import Node
from ..core.tensor import Tensor
from .graph.nonfinite import gradient_origin
from .graph.recorder import hold_recorder, release_recorder


class Detector:
    """What anomaly mode does: keeps the stack of each forward, watches each node's derivative.

    As in PyTorch, a node's ``metadata`` holds its stack under ``traceback_`` and, when it was made while another
    node's derivative ran, that node under ``parent_``.
    """

    def __init__(self, check_nan: bool) -> None:
        self.check_nan = check_nan

    # ------------------------------------------------------------------ in the forward
    def note(self, node: Node) -> None:
        """Called for each node that is recorded."""
        node.metadata["traceback_"] = user_stack()
        if THREAD.evaluating is not None:
            node.metadata["parent_"] = THREAD.evaluating

    # ------------------------------------------------------------------ in the backward
    def start(self, pending: dict) -> Node | None:
        """A walk begins: let it stop at every node, also those recorded before the mode was on.

        Returns the node that runs around this walk, if any.
        """
        seen: set[Any] = set()
        ahead = [key for key in pending if isinstance(key, Node)]
        while ahead:
            node = ahead.pop()
            if node not in seen:
                seen.add(node)
                node.ensure_extra()
                ahead += [e for e in node.edges if isinstance(e, Node)]
        around, THREAD.evaluating = THREAD.evaluating, None
        return around

    def enter(self, node: Node) -> None:
        """The derivative of ``node`` begins."""
        THREAD.evaluating = node

    def check(self, node: Node, grads: tuple, g: Any) -> None:
        """The derivative of ``node`` is there: ``grads``, from the gradient ``g`` of its output."""
        if self.check_nan:
            for place, k in enumerate(_torchs_order(node, len(grads))):
                r = grads[k]
                a = r._a if isinstance(r, Tensor) else r
                if getattr(a, "dtype", None) is None or a.dtype.kind in "biu":
                    continue
                if bool(backends.namespace(a).isnan(a).any()):
                    error = RuntimeError(
                        f"Function '{node.name()}' returned nan values in its {place}th output."
                    )
                    error.add_note(str(gradient_origin(node, k, a, g)))
                    raise error
        THREAD.evaluating = None

    def explain(self, error: Exception) -> None:
        """Warn where the forward of the failing node ran, and of the nodes whose derivatives made it."""
        node = THREAD.evaluating
        if node is None:
            return
        stack = node.metadata.get("traceback_")
        if stack is None:
            warn(
                f"Error detected in {node.name()}. No forward pass information available. Enable detect anomaly during "
                "forward pass for more information."
            )
        else:
            warn(
                f"Error detected in {node.name()}. Traceback of forward call that caused the error:\n{''.join(stack)}"
            )
        parent = node.metadata.get("parent_")
        while parent is not None:
            warn(
                f"\n\nPrevious calculation was induced by {parent.name()}. Traceback of forward call that induced the "
                f"previous calculation:\n{''.join(parent.metadata.get('traceback_', ()))}"
            )
            parent = parent.metadata.get("parent_")

    def end(self, around: Node | None) -> None:
        """The walk is over."""
        THREAD.evaluating = around


def _torchs_order(node: Node, n: int) -> Sequence[int]:
    """The edges of a node in PyTorch's order, by which it numbers them."""
    op = node.op
    return op.edge_order if op is not None and op.edge_order and type(node) is op.node_class else range(n)


class set_detect_anomaly:
    """Switch anomaly mode at once, or for a ``with`` block, in all threads.

    While on, each recorded node keeps the stack of its forward; an error in its backward shows it, and (with
    ``check_nan``) a nan in a gradient raises. The error's note then says at which elements the nan appeared, what the
    inputs were there, and which leaves it would have reached. For that the mode also records
    (``autograd.graph.record``): every intermediate value is kept as long as its graph lives, and each operation costs
    some hundred microseconds, so switch it off again when the fault is found.
    Source: https://pytorch.org/docs/stable/autograd.html#anomaly-detection
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.previous = (STATE.anomaly, _checks_nan["on"])
        _checks_nan["on"] = bool(check_nan)
        _switch(Detector(bool(check_nan)) if mode else None)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: Any) -> None:
        detector, _checks_nan["on"] = self.previous
        _switch(detector)


#: ``check_nan`` as it was last set: PyTorch keeps it while the mode is off.
_checks_nan = {"on": True}


def _switch(detector: Detector | None) -> None:
    if STATE.anomaly is None and detector is not None:
        STATE.enter()
        hold_recorder("anomaly")
    elif STATE.anomaly is not None and detector is None:
        STATE.leave()
        release_recorder("anomaly")
    STATE.anomaly = detector


class detect_anomaly(set_detect_anomaly):
    """Anomaly mode for a ``with`` block."""

    def __init__(self, check_nan: bool = True) -> None:
        warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for "
            "debugging."
        )
        super().__init__(True, check_nan)


def is_anomaly_enabled() -> bool:
    """Is anomaly mode on?"""
    return STATE.anomaly is not None


def is_anomaly_check_nan_enabled() -> bool:
    """Is a nan in a gradient an error in anomaly mode?"""
    return _checks_nan["on"]
