"""``torch.backends.quantized``: the engine of quantized layers. There is one arithmetic here, that of PyTorch on x86.

Source: https://pytorch.org/docs/stable/quantization.html#backend-hardware-support
"""

from __future__ import annotations

from typing import Any

from .switches import attach

#: Both names mean the same here; in PyTorch they are one library, FBGEMM, for dynamic quantization.
_ENGINES = ["x86", "fbgemm"]
_chosen = [_ENGINES[0]]


def _choose(_: Any, name: str) -> None:
    if name not in _ENGINES:
        raise RuntimeError(f"quantized engine {name} is not supported: choose one of {', '.join(_ENGINES)}")
    _chosen[0] = name


attach(
    __name__,
    engine=property(lambda _: _chosen[0], _choose),
    supported_engines=property(lambda _: list(_ENGINES)),
)
