"""PyTorch's switches for its CUDA libraries. Glasstorch reaches the GPU through CuPy: they can be set, no more."""

from __future__ import annotations

from . import cupy


class _Products:
    """``matmul.allow_tf32`` and its siblings. Products keep full float32 here."""

    allow_tf32 = False
    allow_fp16_reduced_precision_reduction = True
    allow_bf16_reduced_precision_reduction = True
    allow_fp16_accumulation = False


matmul = _Products()
_attention = {"flash": True, "mem_efficient": True, "math": True, "cudnn": True}


def is_built() -> bool:
    """Can GPUs be used? With CuPy and a GPU."""
    return cupy() is not None


def _switch(name: str, words: str) -> None:
    def enable(enabled: bool) -> None:
        _attention[name] = bool(enabled)

    def is_enabled() -> bool:
        return _attention[name]

    enable.__name__ = enable.__qualname__ = f"enable_{name}_sdp"
    enable.__doc__ = (
        f"Allow {words} for attention. There is one way to compute it here: this is remembered only."
    )
    is_enabled.__name__ = is_enabled.__qualname__ = f"{name}_sdp_enabled"
    is_enabled.__doc__ = f"What ``{enable.__name__}`` was told."
    globals().update({enable.__name__: enable, is_enabled.__name__: is_enabled})


for _name, _words in (("flash", "FlashAttention"), ("mem_efficient", "the memory-efficient kernel"),
                      ("math", "plain matrix products"), ("cudnn", "cuDNN's kernel")):  # fmt: skip
    _switch(_name, _words)
