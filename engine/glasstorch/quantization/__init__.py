"""The older place of ``torch.ao.quantization``."""

from __future__ import annotations

from ..ao.quantization import (
    QConfig,
    default_dynamic_qconfig,
    float16_dynamic_qconfig,
    get_default_dynamic_quant_module_mappings,
    per_channel_dynamic_qconfig,
    quantize_dynamic,
)

__all__ = [
    "QConfig",
    "default_dynamic_qconfig",
    "float16_dynamic_qconfig",
    "get_default_dynamic_quant_module_mappings",
    "per_channel_dynamic_qconfig",
    "quantize_dynamic",
]
