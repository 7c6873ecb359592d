"""Weights of convolutions in another memory order."""

from __future__ import annotations

from typing import Any, TypeVar

from ..modules.conv import Conv2d, Conv3d, ConvTranspose2d, ConvTranspose3d
from ..modules.module import Module

M = TypeVar("M", bound=Module)


def _convert(module: Any, layers: tuple, memory_format: Any) -> Any:
    for m in module.modules():
        if isinstance(m, layers):
            m.weight.data = m.weight.detach().clone(memory_format=memory_format)  # type: ignore[attr-defined]
    return module


def convert_conv2d_weight_memory_format(module: M, memory_format: Any) -> M:
    """Put the weights of all ``Conv2d`` and ``ConvTranspose2d`` below into a memory format. Gives the module."""
    return _convert(module, (Conv2d, ConvTranspose2d), memory_format)


def convert_conv3d_weight_memory_format(module: M, memory_format: Any) -> M:
    """Put the weights of all ``Conv3d`` and ``ConvTranspose3d`` below into a memory format. Gives the module."""
    return _convert(module, (Conv3d, ConvTranspose3d), memory_format)
