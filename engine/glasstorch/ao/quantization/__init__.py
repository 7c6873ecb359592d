"""Dynamic quantization: ``quantize_dynamic`` replaces the layers of a trained model by ones with int8 weights.

Static quantization, quantization-aware training and their observers are not offered.
Source: https://pytorch.org/docs/stable/generated/torch.ao.quantization.quantize_dynamic.html
"""

from __future__ import annotations

from .qconfig import QConfig, default_dynamic_qconfig, float16_dynamic_qconfig, per_channel_dynamic_qconfig
from .replacing import get_default_dynamic_quant_module_mappings, quantize_dynamic

__all__ = [
    "QConfig",
    "default_dynamic_qconfig",
    "float16_dynamic_qconfig",
    "get_default_dynamic_quant_module_mappings",
    "per_channel_dynamic_qconfig",
    "quantize_dynamic",
]
