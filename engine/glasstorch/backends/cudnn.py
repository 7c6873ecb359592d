"""PyTorch's switches for cuDNN, which Glasstorch does not use: they can be set and change nothing.

Convolutions run on the CPU in NumPy and on the GPU in CuPy; both give the same result every time.
Source: https://pytorch.org/docs/stable/backends.html#torch-backends-cudnn
"""

from __future__ import annotations

from typing import Any

from . import precision
from .switches import Inside, attach, changed, held, switch, wants_bool

conv, rnn = precision.Operation("cuda", "conv"), precision.Operation("cuda", "rnn")


def is_available() -> bool:
    """Is cuDNN in use? Never here."""
    return False


def version() -> None:
    """The version of cuDNN: there is none."""
    return None


def is_acceptable(tensor: Any) -> bool:
    """Could cuDNN work on this tensor? Never here."""
    return False


_tf32 = [True]


def _allow_tf32(_: Any, value: Any) -> None:
    _tf32[0] = wants_bool("set_allow_tf32_cublas", value)
    for op in (conv, rnn):
        op.fp32_precision = "tf32" if value else "none"


attach(
    __name__,
    enabled=switch(True, "set_enabled_cudnn"),
    benchmark=switch(False, "set_benchmark_cudnn"),
    deterministic=switch(False, "set_deterministic_cudnn"),
    benchmark_limit=held(None),
    depthwise_kernel=held("auto"),
    allow_tf32=property(lambda _: _tf32[0], _allow_tf32),
    fp32_precision=precision.setting("cuda", "all"),
)


def set_flags(_enabled: bool | None = None, _benchmark: bool | None = None, _benchmark_limit: int | None = None,
              _deterministic: bool | None = None, _allow_tf32: bool | None = None,
              _fp32_precision: str | None = None, _depthwise_kernel: str | None = None) -> tuple:  # fmt: skip
    """Set switches, those that are not None; returns what they were."""
    return changed(__name__, enabled=_enabled, benchmark=_benchmark, benchmark_limit=_benchmark_limit,
                   deterministic=_deterministic, allow_tf32=_allow_tf32, fp32_precision=_fp32_precision,
                   depthwise_kernel=_depthwise_kernel)  # fmt: skip


def flags(enabled: bool = False, benchmark: bool = False, benchmark_limit: int = 10, deterministic: bool = False,
          allow_tf32: bool = True, fp32_precision: str = "none", depthwise_kernel: str = "auto") -> Inside:  # fmt: skip
    """Other values of the switches inside a ``with`` block."""
    return Inside(set_flags, {"enabled": enabled, "benchmark": benchmark, "benchmark_limit": benchmark_limit,
                              "deterministic": deterministic, "allow_tf32": allow_tf32,
                              "fp32_precision": fp32_precision, "depthwise_kernel": depthwise_kernel})  # fmt: skip
