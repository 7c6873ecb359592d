"""Automatic differentiation: ``backward``, ``grad``, custom ``Function``s, modes, and the graph's record."""

from __future__ import annotations

from ..core.backward import backward, grad
from ..core.mode import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from ..core.tensor import Tensor as Variable
from . import graph
from .anomaly import detect_anomaly, is_anomaly_enabled, set_detect_anomaly
from .function import Function

__all__ = [
    "Function", "Variable", "backward", "detect_anomaly", "enable_grad", "grad", "graph", "inference_mode",
    "is_anomaly_enabled",
    "is_grad_enabled", "no_grad", "set_detect_anomaly", "set_grad_enabled",
]  # fmt: skip
