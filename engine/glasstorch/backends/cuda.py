"""PyTorch's switches for its CUDA libraries. Glasstorch reaches the GPU through CuPy: they can be set, no more.

The cache of plans for Fourier transforms is CuPy's own. Source: https://pytorch.org/docs/stable/backends.html
"""

from __future__ import annotations

import contextlib
import enum
import warnings
from collections.abc import Iterator
from typing import Any

from . import cuda_runtime as runtime
from . import cupy, precision, require
from .switches import wants_bool


def is_built() -> bool:
    """Can GPUs be used? With CuPy and a GPU."""
    return cupy() is not None


# ------------------------------------------------------------------ matrix products
_reductions = {
    "allow_fp16_reduced_precision_reduction": (True, True),
    "allow_bf16_reduced_precision_reduction": (True, True),
}
_half_sums = [False]


class cuBLASModule:
    """``matmul.allow_tf32`` and its siblings. Products keep full float32 here."""

    def __getattr__(self, name: str) -> Any:
        plain = name.removesuffix("_split_k")
        if plain in _reductions:
            return _reductions[plain][plain != name]
        if name == "allow_tf32":
            return precision.matmul() != "highest"
        if name == "allow_fp16_accumulation":
            return _half_sums[0]
        if name == "fp32_precision":
            return precision.get("cuda", "matmul")
        raise AttributeError(f"Unknown attribute {name}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "allow_tf32":
            on = wants_bool("set_allow_tf32_cublas", value)
            precision.set_matmul("high" if on else "highest", everywhere=False)
        elif name in _reductions:
            _reductions[name] = self._reduction(name, value)
        elif name == "allow_fp16_accumulation":
            _half_sums[0] = wants_bool("set_allow_fp16_accumulation_cublas", value)
        elif name == "fp32_precision":
            precision.put("cuda", "matmul", value)
        else:
            raise AttributeError(f"Unknown attribute {name}")

    @staticmethod
    def _reduction(name: str, value: Any) -> tuple[bool, bool]:
        pair = tuple(value) if isinstance(value, (tuple, list)) else (value, True)
        if not all(isinstance(v, bool) for v in pair) or len(pair) != 2:
            raise TypeError(f"{name} expects a bool or a tuple/list of bools, but got {type(value)}")
        if pair == (True, False):
            raise RuntimeError(
                "allow_splitk=False is not supported when reduced precision reductions are enabled"
            )
        return pair  # type: ignore[return-value]


matmul = cuBLASModule()


# ------------------------------------------------------------------ plans of Fourier transforms
class cuFFTPlanCache:
    """CuPy's cache of plans for one GPU: ``size``, ``max_size`` (can be set), ``clear()``."""

    def __init__(self, device_index: int) -> None:
        self.device_index = device_index

    def _cache(self) -> Any:
        module = require("cuda")
        with runtime.on(self.device_index):
            return module.fft.config.get_plan_cache()

    size = property(lambda self: self._cache().get_curr_size(), doc="How many plans it holds.")
    max_size = property(
        lambda self: self._cache().get_size(),
        lambda self, n: self._cache().set_size(n),
        doc="How many it may hold.",
    )

    def clear(self) -> None:
        """Forget the plans."""
        self._cache().clear()


class cuFFTPlanCacheManager:
    """The caches of all GPUs by index; by itself the selected GPU's."""

    def __getitem__(self, device: Any) -> cuFFTPlanCache:
        index = getattr(device, "index", device)
        if not 0 <= index < runtime.count():
            raise RuntimeError(
                f"cufft_plan_cache: expected 0 <= device index < {runtime.count()}, but got device with index {index}"
            )
        return cuFFTPlanCache(index)

    def __getattr__(self, name: str) -> Any:
        return getattr(self[runtime.current()], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self[runtime.current()], name, value)


cufft_plan_cache = cuFFTPlanCacheManager()


# ------------------------------------------------------------------ libraries
class _LinalgBackend(enum.Enum):
    Default, Cusolver, Magma = range(3)


class _BlasBackend(enum.Enum):
    Default, Cublas, Cublaslt, Ck = range(4)


def _preferred(kind: Any, now: Any, words: dict[str, Any], names: dict[str, str], backend: Any) -> Any:
    """The one library that is there; RuntimeError for another."""
    if backend is None or backend is now:
        return now
    if isinstance(backend, str):
        if backend not in words:
            raise RuntimeError(f"Unknown input value. Choose from: {', '.join(words)}.")
        backend = words[backend]
    if not isinstance(backend, kind):
        raise RuntimeError("Unknown input value type.")
    name = names.get(backend.name)
    if name is not None:
        raise RuntimeError(
            f"Cannot set preferred backend to {name} if PyTorch has not been compiled with {name}.\n"
            "CuPy chooses the library here."
        )
    return now


def preferred_linalg_library(backend: Any = None) -> Any:
    """Which library factors matrices on a GPU: CuPy chooses (``Default``). RuntimeError for another."""
    b = _LinalgBackend
    words = {"default": b.Default, "cusolver": b.Cusolver, "magma": b.Magma}
    return _preferred(b, b.Default, words, {"Cusolver": "cuSOLVER", "Magma": "MAGMA"}, backend)


def preferred_blas_library(backend: Any = None) -> Any:
    """Which library multiplies matrices on a GPU: cuBLAS. RuntimeError for another."""
    b = _BlasBackend
    words = {"default": b.Default, "cublas": b.Cublas, "hipblas": b.Cublas, "cublaslt": b.Cublaslt,
             "hipblaslt": b.Cublaslt, "ck": b.Ck}  # fmt: skip
    return _preferred(b, b.Cublas, words, {"Cublaslt": "cuBLASLt", "Ck": "Ck"}, backend)


# ------------------------------------------------------------------ attention
_attention = {"flash": True, "mem_efficient": True, "math": True, "cudnn": True}
_reduce_half = [False]


def _switch(name: str, words: str, setter: str) -> None:
    def enable(enabled: bool) -> None:
        _attention[name] = wants_bool(setter, enabled)

    def is_enabled() -> bool:
        return _attention[name]

    enable.__name__ = enable.__qualname__ = f"enable_{name}_sdp"
    enable.__doc__ = (
        f"Allow {words} for attention. There is one way to compute it here: this is remembered only."
    )
    is_enabled.__name__ = is_enabled.__qualname__ = f"{name}_sdp_enabled"
    is_enabled.__doc__ = f"What ``{enable.__name__}`` was told."
    globals().update({enable.__name__: enable, is_enabled.__name__: is_enabled})


for _name, _words, _setter in (
    ("flash", "FlashAttention", "set_sdp_use_math"), ("math", "plain matrix products", "set_sdp_use_math"),
    ("mem_efficient", "the memory-efficient kernel", "set_sdp_use_math"),
    ("cudnn", "cuDNN's kernel", "set_sdp_use_cudnn"),
):  # fmt: skip
    _switch(_name, _words, _setter)


def allow_fp16_bf16_reduction_math_sdp(enabled: bool) -> None:
    """Allow sums in half precision in attention. They are in float32 here: this is remembered only."""
    _reduce_half[0] = wants_bool("set_sdp_use_math", enabled)


def fp16_bf16_reduction_math_sdp_allowed() -> bool:
    """What ``allow_fp16_bf16_reduction_math_sdp`` was told."""
    return _reduce_half[0]


def is_flash_attention_available() -> bool:
    """Is FlashAttention there? Never here."""
    return False


def is_ck_sdpa_available() -> bool:
    """Is AMD's attention there? Never here."""
    return False


@contextlib.contextmanager
def _sdp_kernel(wanted: dict[str, bool]) -> Iterator[None]:
    before = dict(_attention)
    _attention.update(wanted)
    try:
        yield
    finally:
        _attention.update(before)


def sdp_kernel(enable_flash: bool = True, enable_math: bool = True, enable_mem_efficient: bool = True,
               enable_cudnn: bool = True) -> Any:  # fmt: skip
    """Other switches for attention inside a ``with`` block. Deprecated: ``nn.attention.sdpa_kernel``."""
    warnings.warn(
        "`torch.backends.cuda.sdp_kernel()` is deprecated. In the future, this context manager will be removed. Please "
        "see `torch.nn.attention.sdpa_kernel()` for the new context manager, with updated signature.",
        FutureWarning,
        stacklevel=2,
    )
    return _sdp_kernel({"flash": enable_flash, "math": enable_math, "mem_efficient": enable_mem_efficient,
                        "cudnn": enable_cudnn})  # fmt: skip
