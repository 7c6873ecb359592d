"""Neural networks: modules, parameters, functions, and first values for parameters."""

from __future__ import annotations

from . import attention, common_types, functional, grad, init, modules, parallel, utils
from .modules import *  # noqa: F403
from .modules import Module
from .parallel import DataParallel
from .parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter

__all__ = [
    "Buffer",
    "DataParallel",
    "Module",
    "Parameter",
    "UninitializedBuffer",
    "UninitializedParameter",
    "attention",
    "functional",
    "grad",
    "init",
    "modules",
    "parallel",
    "utils",
    *modules.__all__,  # type: ignore[attr-defined]
]
