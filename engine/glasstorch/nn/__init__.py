"""Neural networks: modules, parameters, functions, and first values for parameters."""

from __future__ import annotations

from . import functional, init, modules, utils
from .modules import *  # noqa: F403
from .modules import Module
from .parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter

__all__ = ["Buffer", "Module", "Parameter", "functional", "init", "modules", "utils", *modules.__all__]
