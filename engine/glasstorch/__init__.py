"""Glasstorch: a torch you can see through. PyTorch's eager API in readable Python on NumPy or CuPy."""

# ruff: noqa: E402, F401, I001  (a public namespace: order matters, names are re-exported)
from __future__ import annotations

import sys as _sys

from .core.frames import silence_arithmetic as _silence_arithmetic

_silence_arithmetic()

from .core.device import device, get_default_device, set_default_device
from .core.dtype import (
    bfloat16,
    complex32,
    complex64,
    complex128,
    dtype,
    finfo,
    float16,
    float32,
    float64,
    get_default_dtype,
    iinfo,
    int8,
    int16,
    int32,
    int64,
    promote_types,
    set_default_dtype,
    uint8,
    uint16,
    uint32,
    uint64,
)
from .core.dtype import (
    bool_ as bool,
)
from .core.mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from .core.quantized import SCHEMES as _SCHEMES, qint8, qint32, qscheme, quint8
from .core.size import Size
from .core.tensor import Tensor
from .core import copies as _copies  # (deepcopy and pickle)

half, float, double = float16, float32, float64
short, int, long = int16, int32, int64
chalf, cfloat, cdouble = complex32, complex64, complex128

from .autograd.anomaly import is_anomaly_check_nan_enabled, is_anomaly_enabled
from . import autograd, ops, linalg, preview, printing  # (ops and linalg register every op)
from .core.forms import FUNCTIONS as _FUNCTIONS

globals().update(_FUNCTIONS)
globals().update(_SCHEMES)

from . import (
    cuda,
    distributed,
    distributions,
    fft,
    func,
    futures,
    masked,
    multiprocessing,
    nn,
    optim,
    random,
    signal,
    special,
    testing,
    utils,
    vision,
)
from . import accelerator, mps, xpu
from . import profiler
from .autograd import profiler as _autograd_profiler, profiler_util as _profiler_util
from .nn.functional._toplevel import NAMES as _NN_NAMES

globals().update(_NN_NAMES)

from .func import vmap
from .random import (
    Generator,
    default_generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    seed,
    set_rng_state,
)

from . import amp, cpu, hub, safetensors, serialization, settings, storage
from .amp import autocast
from .amp import state as _autocast_state
from .cuda import AcceleratorError, OutOfMemoryError
from .cuda import amp as _cuda_amp
from .streams import Event, Stream, get_device_module
from .serialization import load, save
from .storage import TypedStorage, UntypedStorage, is_storage

globals().update(storage.STORAGE_CLASSES)
vars(cuda).update({**storage.ON_GPU, **ops.legacy.ON_GPU})
globals().update({name: getattr(_autocast_state, name) for name in _autocast_state.PUBLIC})
amp.autocast_mode.install(
    {"": _sys.modules[__name__], "nn.functional": nn.functional, "linalg": linalg, "fft": fft}
)

from .settings import (
    are_deterministic_algorithms_enabled,
    cond,
    get_deterministic_debug_mode,
    get_float32_matmul_precision,
    get_num_interop_threads,
    get_num_threads,
    is_deterministic_algorithms_warn_only_enabled,
    is_warn_always_enabled,
    set_deterministic_debug_mode,
    set_float32_matmul_precision,
    set_flush_denormal,
    set_num_interop_threads,
    set_num_threads,
    set_warn_always,
    use_deterministic_algorithms,
    while_loop,
)

from . import ao, jit, onnx, quantization
from .nn import quantized as _nn_quantized
from .jit.compile import compile
from . import compiler

from math import e, inf, nan, pi

newaxis = None

from . import _C, homes as _homes, overrides, public, return_types, types, version
from .version import __version__

public.name_members()
overrides._guard_public_functions()
_homes.open_homes()
public.tidy_completion()
