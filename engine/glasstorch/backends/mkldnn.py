"""Intel's oneDNN: NumPy's matrix library may use it, Glasstorch itself does not. Its switches change nothing.

Source: https://pytorch.org/docs/stable/backends.html#torch-backends-mkldnn
"""

from __future__ import annotations

from typing import Any

from . import precision
from .mkl import verbose as _verbose
from .switches import Inside, attach, changed, held, switch

VERBOSE_OFF, VERBOSE_ON, VERBOSE_ON_CREATION = 0, 1, 2
conv, matmul, rnn = (precision.Operation("mkldnn", op) for op in ("conv", "matmul", "rnn"))


class verbose(_verbose):
    """A ``with`` block in which oneDNN would tell what it does; nothing here."""


def is_available() -> bool:
    """Does Glasstorch call it? No."""
    return False


def is_acl_available() -> bool:
    """Is Arm's library there? No."""
    return False


attach(
    __name__,
    enabled=switch(True, "set_enabled_mkldnn"),
    deterministic=switch(False, "set_deterministic_mkldnn"),
    allow_tf32=held(None),
    fp32_precision=precision.setting("mkldnn", "all"),
)


def set_flags(_enabled: bool | None = None, _deterministic: bool | None = None, _allow_tf32: bool | None = None,
              _fp32_precision: str | None = None) -> tuple:  # fmt: skip
    """Set switches, those that are not None; returns what they were."""
    return changed(__name__, enabled=_enabled, deterministic=_deterministic, allow_tf32=_allow_tf32,
                   fp32_precision=_fp32_precision)  # fmt: skip


def flags(enabled: bool = False, deterministic: bool = False, allow_tf32: bool | None = True,
          fp32_precision: str = "none") -> Any:  # fmt: skip
    """Other values of the switches inside a ``with`` block."""
    return Inside(set_flags, {"enabled": enabled, "deterministic": deterministic, "allow_tf32": allow_tf32,
                              "fp32_precision": fp32_precision})  # fmt: skip
