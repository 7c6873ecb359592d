"""How exact float32 products must be, by PyTorch's two sets of names. They are always exact here: it is remembered.

``none`` asks the next wider setting: an operation its backend, a backend ``backends.fp32_precision``.
Source: https://pytorch.org/docs/stable/notes/cuda.html#tensorfloat-32-tf32-on-ampere-and-later-devices
"""

from __future__ import annotations

import sys

KNOWN = ("none", "ieee", "tf32", "bf16")
#: What was set for an operation of a backend, and for all of a backend's (operation "all").
_own = {("cuda", "conv"): "tf32", ("cuda", "rnn"): "tf32"}
_matmul = ["highest"]


def get(backend: str, op: str) -> str:
    """The setting in force for an operation of a backend."""
    for key in ((backend, op), (backend, "all")):
        if _own.get(key, "none") != "none":
            return _own[key]
    return sys.modules[__package__].fp32_precision


def put(backend: str, op: str, value: str) -> None:
    """Set it. RuntimeError for what the backend does not have."""
    if value not in KNOWN:
        raise RuntimeError(f"Unknown precision: {value}")
    if backend == "cuda" and value == "bf16":
        raise RuntimeError("backend 'cuda' does not support precision 'bf16'")
    _own[backend, op] = value


def setting(backend: str, op: str) -> property:
    """``fp32_precision`` of a backend or of one of its operations."""
    return property(lambda _: get(backend, op), lambda _, value: put(backend, op, value))


class Operation:
    """``backends.<backend>.<operation>``, which has ``fp32_precision``."""

    def __init__(self, backend: str, op: str) -> None:
        self._backend, self._op = backend, op

    @property
    def fp32_precision(self) -> str:
        """The setting in force."""
        return get(self._backend, self._op)

    @fp32_precision.setter
    def fp32_precision(self, value: str) -> None:
        put(self._backend, self._op, value)


def matmul() -> str:
    """``highest``, ``high`` or ``medium``: what ``set_float32_matmul_precision`` was told."""
    return _matmul[0]


def set_matmul(word: str, *, everywhere: bool = True) -> None:
    """Note it, and the same by the other names; of ``cuda`` alone where ``allow_tf32`` was set."""
    _matmul[0] = word
    _own["cuda", "matmul"] = "ieee" if word == "highest" else "tf32"
    if everywhere:
        _own["mkldnn", "matmul"] = {"highest": "ieee", "high": "tf32", "medium": "bf16"}[word]
