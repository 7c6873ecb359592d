"""``torch.onnx``: models as files that other programs run (ONNX Runtime, for one)."""

from . import quantized as _quantized  # noqa: F401  (registers its translation)
from .export import OnnxExporterError, ONNXProgram, export
from .operators import TRANSLATIONS

__all__ = ["ONNXProgram", "OnnxExporterError", "export", "is_in_onnx_export", "supported_operations"]


def supported_operations() -> list[str]:
    """The names of the operations that ``export`` can write."""
    return sorted(TRANSLATIONS)


def is_in_onnx_export() -> bool:
    """Is a model being exported now? Code that asks has nothing to do differently here."""
    return False
