"""``fill_uninitialized_memory``: shall ``empty`` and its kin be filled while deterministic algorithms are asked for?

With nan for floating point and complex numbers, the largest number for integers, True for bool: so that a program that
reads what nobody wrote gives the same result every time. True unless set otherwise.

Source: https://pytorch.org/docs/stable/deterministic.html
"""

from __future__ import annotations

import sys
import types

from ..backends import determinism
from ..core.refusals import type_name


class _Deterministic(types.ModuleType):
    @property
    def fill_uninitialized_memory(self) -> bool:
        """Is new memory filled?"""
        return determinism.state["fill"]

    @fill_uninitialized_memory.setter
    def fill_uninitialized_memory(self, mode: bool) -> None:
        if not isinstance(mode, bool):
            raise RuntimeError(f"expected a bool, but got {type_name(mode)}")
        determinism.state["fill"] = mode


sys.modules[__name__].__class__ = _Deterministic
