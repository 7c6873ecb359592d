"""Without a GPU every public name of the device namespaces answers as PyTorch's CPU build: value, warning or error.

``NAMESPACES`` are gone through by PyTorch's own lists of names, so that a name PyTorch adds shows up here. A function
is called without arguments, or as ``CALLS`` says; a name that is not offered stands in ``ABSENT`` with the reason.
"""

from __future__ import annotations

import inspect
import warnings
from types import ModuleType
from typing import Any

import glasstorch
import pytest
from support.device_calls import ANY_DEVICE, CALLS, PLACED, module
from support.differential import torch

pytestmark = [
    pytest.mark.cpu,
    pytest.mark.skipif(torch.cuda.is_available(), reason="about PyTorch's CPU build"),
]

NAMESPACES = [
    "cuda", "cuda.memory", "cuda.random", "cuda.streams", "cuda.nvtx", "cuda.graphs", "cuda.comm", "cuda.profiler",
    "cuda.amp", "backends", "backends.cuda", "backends.cudnn", "backends.mps", "backends.mkl", "backends.mkldnn",
    "backends.openmp", "backends.opt_einsum", "backends.cpu", "backends.nnpack", "backends.cusparselt",
    "backends.kleidiai", "backends.miopen", "backends.mha", "backends.quantized", "accelerator",
    "accelerator.memory", "cpu", "cpu.amp", "mps", "xpu", "amp", "version",
]  # fmt: skip

_POOLS = "GPU memory is CuPy's pool: cupy.cuda.MemoryPool and cupy.cuda.set_allocator are its own ways"
_JIT = "CuPy makes kernels from source: cupy.ElementwiseKernel"
_INTEL = "there are no Intel GPUs here: only what answers without one is offered"
#: Names of PyTorch that are not offered, and why.
ABSENT = {
    "cuda": {
        "CUDAPluggableAllocator": _POOLS, "change_current_allocator": _POOLS, "use_mem_pool": _POOLS,
        "memory_snapshot": _POOLS, "GreenContext": "a part of a GPU for one stream: CuPy has none", "jiterator": _JIT,
        "nccl": "several GPUs talk through glasstorch.distributed", "sparse": "there are no sparse tensors here",
        "tunable": "there is one way for a matrix product, cuBLAS by CuPy", "classproperty": "PyTorch's own helper",
    },
    "cuda.memory": {
        "CUDAPluggableAllocator": _POOLS, "change_current_allocator": _POOLS, "use_mem_pool": _POOLS,
        "memory_snapshot": _POOLS,
    },
    "cuda.random": dict.fromkeys(("current_device", "is_initialized"), "PyTorch's own imports"),
    "backends": {
        "python_native": "PyTorch's kernels in other languages",
        "xnnpack": "PyTorch's library for phones",
    },
    "backends.cuda": {
        "SDPAParams": "attention is computed in one way", "SDPBackend": "see glasstorch.nn.attention",
        "can_use_cudnn_attention": "attention is computed in one way",
        "can_use_efficient_attention": "attention is computed in one way",
        "can_use_flash_attention": "attention is computed in one way",
        "blas_workspace_size": "the workspace is CuPy's", "cublas_workspace_size": "the workspace is CuPy's",
        "cublaslt_workspace_size": "the workspace is CuPy's",
        "cuFFTPlanCacheAttrContextProp": "PyTorch's own helper", "preferred_rocm_fa_library": "AMD's GPUs",
    },
    "accelerator": {"Graph": "there are no CUDA graphs"},
    "cpu": {"get_capabilities": "backends.cpu.get_cpu_capability() tells what NumPy uses"},
    "mps": {
        "load_metallib": "Metal's programs", "profiler": "Metal's profiler", "set_per_process_memory_fraction": "Metal",
        "set_rng_state": "Metal",
    },
    "xpu": dict.fromkeys((
        "Event", "MemPool", "Stream", "StreamContext", "XPUGraph", "XPUPluggableAllocator", "change_current_allocator",
        "clock_rate", "device", "device_memory_used", "device_of", "graph", "graph_pool_handle",
        "is_current_stream_capturing", "make_graphed_callables", "memory_usage", "power_draw",
        "reset_accumulated_memory_stats", "reset_peak_memory_stats", "set_rng_state", "set_rng_state_all", "stream",
        "streams", "temperature", "use_mem_pool", "utilization"), _INTEL),
}  # fmt: skip
#: Names whose values depend on how PyTorch was built, or which are machines' own.
DIFFERENT = {
    "backends.mkl.is_available": "NumPy, not Glasstorch, uses it", "backends.openmp.is_available": "so it is here",
    "backends.mkldnn.is_available": "so it is here", "backends.nnpack.is_available": "so it is here",
    "version.__version__": "its own", "version.git_version": "its own",
    "cuda.amp.amp_definitely_not_available": "a function of PyTorch's internals",
}  # fmt: skip


#: PyTorch's words there name its C++ libraries; the class of error is compared alone.
OWN_WORDS = ("Cannot get CUDA generator", "Cannot initialize CUDA")


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].partition(" (Triggered internally")[0].strip()


def outcome(fn: Any, E: Any) -> tuple[Any, list]:
    """What a call gives or raises, in words, and its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = _words(fn(E))
        except Exception as error:
            names = {c.__name__ for c in type(error).__mro__}
            result = ("raises", names, type(error).__name__, _first_line(str(error)))
    told = [(w.category.__name__, _first_line(str(w.message))) for w in caught]
    once = "TypedStorage is deprecated", "torch.set_default_tensor_type() is deprecated"  # in a process
    return result, [w for w in told if not w[1].startswith(once)]


def _words(value: Any) -> Any:
    """A value so that both engines' can be compared; objects by the name of their class."""
    if isinstance(value, (tuple, list)):
        return [_words(v) for v in value]
    if value is None or isinstance(value, (bool, int, float, str, dict, type)):
        return str(value).replace("glasstorch", "torch")
    if isinstance(value, (torch.dtype, torch.device, glasstorch.dtype, glasstorch.device)):
        return str(value)
    if isinstance(value, (torch.Tensor, glasstorch.Tensor)):
        return value.tolist(), str(value.dtype)
    return (
        str(value).partition(" at 0x")[0].replace("glasstorch", "torch") if "0x" in str(value) else str(value)
    )


def alike(fn: Any) -> str | None:
    """None where both engines do the same; else what each does."""
    theirs, ours = outcome(fn, torch), outcome(fn, glasstorch)
    told = f"ours {ours}; torch {theirs}"
    if theirs[0][:1] == ("raises",):
        if ours[0][:1] != ("raises",) or theirs[0][2] not in ours[0][1]:
            return told
        words = theirs[0][3].startswith(OWN_WORDS) or ours[0][3] == theirs[0][3]
        return None if words and ours[1] == theirs[1] else told
    return None if ours == theirs else told


def _public(module: ModuleType) -> list[str]:
    found = getattr(module, "__all__", None)
    if found is None:
        found = [
            n for n, v in vars(module).items() if getattr(v, "__module__", module.__name__) == module.__name__
        ]
        found = [n for n in found if not isinstance(getattr(module, n), ModuleType)]
        typing_or_helper = ("Any", "annotations", "contextmanager", "m", "ContextProp", "PropModule")
        found = [n for n in found if n not in typing_or_helper]
    return sorted(n for n in found if not n.startswith("_"))


def _needs_arguments(function: Any) -> int:
    """How many arguments a call needs at least."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 0
    return sum(
        p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters
    )


@pytest.mark.parametrize("path", NAMESPACES)
def test_every_name_answers_as_pytorchs_cpu_build(path):
    theirs, ours = module(torch, path), module(glasstorch, path)
    absent, wrong = ABSENT.get(path, {}), []
    assert not [name for name in absent if hasattr(ours, name)], "offered by now: take it off the list"
    for name in _public(theirs):
        full = f"{path}.{name}"
        if name in absent:
            continue
        if not hasattr(ours, name):
            wrong.append(f"{full} is missing")
            continue
        value = getattr(theirs, name)
        if isinstance(value, ModuleType) or full in DIFFERENT:
            continue
        ways = CALLS.get(full)
        if ways is None and callable(value):
            if path == "xpu" and not inspect.isclass(value):
                zeros = [0] * _needs_arguments(value)
                ways = [lambda E, name=name, zeros=zeros: getattr(E.xpu, name)(*zeros)]
            elif inspect.isclass(value) or _needs_arguments(value):
                ways = CALLS.get(f"{path.partition('.')[0]}.{name}")  # cuda.memory.x is cuda.x
                assert ways is not None or inspect.isclass(value), f"{full}: say in CALLS how to call it"
            ways = ways or [lambda E, name=name: getattr(module(E, path), name)()]
        elif ways is None:
            ways = [lambda E, name=name: getattr(module(E, path), name)]
        wrong += [f"{full}: {told}" for way in ways if (told := alike(way))]
    assert not wrong, "\n".join(wrong)


def test_switches_that_are_no_public_names_of_pytorchs_modules():
    listed = {f"{path}.{name}" for path in NAMESPACES for name in _public(module(torch, path))}
    ways = [way for name, ways in CALLS.items() if name not in listed for way in ways]
    assert len(ways) > 8
    assert not [told for way in ways if (told := alike(way))]


def test_devices_that_are_not_there():
    assert not [told for way in PLACED if (told := alike(way))]


def test_streams_events_and_modules_of_any_device():
    assert not [told for way in ANY_DEVICE if (told := alike(way))]


def test_precision_of_products_has_several_names():
    def settings(E):
        b = E.backends
        return (E.get_float32_matmul_precision(), b.cuda.matmul.allow_tf32, b.cuda.matmul.fp32_precision,
                b.mkldnn.matmul.fp32_precision, b.mkldnn.conv.fp32_precision, b.cudnn.fp32_precision,
                b.cudnn.conv.fp32_precision, b.cudnn.rnn.fp32_precision, b.cudnn.allow_tf32,
                b.fp32_precision)  # fmt: skip

    def changed(*steps):
        def run(E):
            seen = []
            for step in steps:
                step(E)
                seen.append(settings(E))
            return seen

        return run

    way = changed(
        *(lambda E, w=w: E.set_float32_matmul_precision(w) for w in ("high", "medium", "nosuch", "highest")),
        lambda E: setattr(E.backends.cuda.matmul, "allow_tf32", True),
        lambda E: setattr(E.backends.cuda.matmul, "allow_tf32", False),
        lambda E: setattr(E.backends.cuda.matmul, "fp32_precision", "none"),
        lambda E: setattr(E.backends.cudnn, "allow_tf32", False),
        lambda E: setattr(E.backends.cudnn, "allow_tf32", True),
        lambda E: setattr(E.backends.cudnn, "fp32_precision", "ieee"),
        lambda E: setattr(E.backends.cudnn, "fp32_precision", "none"),
    )  # fmt: skip
    assert (told := alike(way)) is None, told


def test_switches_come_back_after_a_with_block():
    def inside(E):
        with E.backends.cudnn.flags(enabled=False, benchmark=True):
            seen = E.backends.cudnn.enabled, E.backends.cudnn.benchmark
        with E.backends.mkldnn.flags(enabled=False, allow_tf32=None):
            seen += (E.backends.mkldnn.enabled,)
        return seen, E.backends.cudnn.enabled, E.backends.cudnn.benchmark, E.backends.mkldnn.enabled

    assert (told := alike(inside)) is None, told
