"""Without a GPU every public name of the device namespaces answers as PyTorch's CPU build: value, warning or error.

``NAMESPACES`` are gone through by PyTorch's own lists of names, so that a name PyTorch adds shows up here. A function
is called without arguments, or as ``CALLS`` says; a name that is not offered stands in ``ABSENT`` with the reason.
"""

from __future__ import annotations

import importlib
import inspect
import warnings
from types import ModuleType
from typing import Any

import glasstorch
import pytest
from support.differential import torch

pytestmark = [
    pytest.mark.cpu,
    pytest.mark.skipif(torch.cuda.is_available(), reason="about PyTorch's CPU build"),
]

NAMESPACES = [
    "cuda", "cuda.memory", "cuda.random", "cuda.streams", "cuda.nvtx", "cuda.graphs", "cuda.comm", "cuda.profiler",
    "cuda.amp", "backends", "backends.cuda", "backends.cudnn", "backends.mps", "backends.mkl", "backends.mkldnn",
    "backends.openmp", "backends.opt_einsum", "backends.cpu", "backends.nnpack", "backends.cusparselt",
    "backends.kleidiai", "backends.miopen", "backends.mha", "accelerator", "accelerator.memory", "cpu", "cpu.amp",
    "mps",
    "xpu", "amp", "version",
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
        "python_native": "PyTorch's kernels in other languages", "quantized": "there are no quantized tensors here",
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


def _inside(make: Any) -> Any:
    def run(E: Any) -> None:
        with make(E):
            pass

    return run


def _module(E: Any, path: str) -> Any:
    return importlib.import_module(f"{E.__name__}.{path}")


def _state(E: Any) -> Any:
    return E.zeros(16, dtype=E.uint8)


#: How to call what needs arguments, or what shows more than a call without any: several ways each.
CALLS: dict[str, list] = {
    "cuda.set_device": [
        lambda E, d=d: E.cuda.set_device(d) for d in (0, -1, "cuda", "cuda:1", "cpu", None, "nowhere", 1.5)
    ],
    "cuda.device": [
        _inside(lambda E: E.cuda.device(0)), _inside(lambda E: E.cuda.device(-1)),
        _inside(lambda E: E.cuda.device("cuda:1")), _inside(lambda E: E.cuda.device(None)),
        lambda E: E.cuda.device("cpu"), lambda E: (E.cuda.device(3).idx, E.cuda.device(3).prev_idx),
    ],
    "cuda.device_of": [_inside(lambda E: E.cuda.device_of(E.ones(1))), lambda E: E.cuda.device_of(0)],
    "cuda.stream": [_inside(lambda E: E.cuda.stream(None)), _inside(lambda E: E.cuda.stream(5))],
    "cuda.StreamContext": [_inside(lambda E: E.cuda.StreamContext(None))],
    "cuda.set_stream": [lambda E: E.cuda.set_stream(None), lambda E: E.cuda.set_stream(0)],
    "cuda.Stream": [lambda E: E.cuda.Stream(), lambda E: E.cuda.Stream(0, priority=-1)],
    "cuda.ExternalStream": [lambda E: E.cuda.ExternalStream(0, 0), lambda E: E.cuda.ExternalStream(0)],
    "cuda.Event": [lambda E: E.cuda.Event(enable_timing=True)],
    "cuda.get_stream_from_external": [lambda E: E.cuda.get_stream_from_external(0)],
    "cuda.can_device_access_peer": [lambda E: E.cuda.can_device_access_peer(0, 1)],
    "cuda.get_device_name": [lambda E, d=d: E.cuda.get_device_name(d) for d in (None, 0, "cpu")],
    "cuda.get_device_properties": [lambda E: E.cuda.get_device_properties(0)],
    "cuda.synchronize": [lambda E: E.cuda.synchronize(), lambda E: E.cuda.synchronize("cpu")],
    "cuda.memory_allocated": [lambda E, d=d: E.cuda.memory_allocated(d) for d in (None, 3, "cpu")],
    "cuda.mem_get_info": [lambda E: E.cuda.mem_get_info(), lambda E: E.cuda.mem_get_info("cpu")],
    "cuda.set_per_process_memory_fraction": [
        lambda E, f=f: E.cuda.set_per_process_memory_fraction(f) for f in (0.5, "a", 2.0)
    ],
    "cuda.caching_allocator_alloc": [lambda E: E.cuda.caching_allocator_alloc(8)],
    "cuda.caching_allocator_delete": [lambda E: E.cuda.caching_allocator_delete(8)],
    "cuda.caching_allocator_disabled": [_inside(lambda E: E.cuda.caching_allocator_disabled())],
    "cuda.manual_seed": [lambda E, s=s: E.cuda.manual_seed(s) for s in (0, 3.7, "a")],
    "cuda.manual_seed_all": [lambda E: E.cuda.manual_seed_all(0)],
    "cuda.get_rng_state": [lambda E, d=d: E.cuda.get_rng_state(d) for d in ("cuda", 0, "cpu")],
    "cuda.set_rng_state": [lambda E: E.cuda.set_rng_state(_state(E)), lambda E: E.cuda.set_rng_state(0)],
    "cuda.set_rng_state_all": [
        lambda E: E.cuda.set_rng_state_all([_state(E)]), lambda E: E.cuda.set_rng_state_all(0)
    ],
    "cuda.set_sync_debug_mode": [lambda E: E.cuda.set_sync_debug_mode("warn")],
    "cuda.graph": [lambda E: E.cuda.graph(None)],
    "cuda.make_graphed_callables": [
        lambda E: E.cuda.make_graphed_callables(E.nn.Linear(1, 1), (E.ones(1),))
    ],
    "cuda.CudaError": [lambda E: E.cuda.CudaError(2)],
    "cuda.check_error": [lambda E: E.cuda.check_error(0)],
    "cuda.cudaStatus": [lambda E: (E.cuda.cudaStatus.SUCCESS, E.cuda.cudaStatus.ERROR_NOT_READY)],
    "cuda.OutOfMemoryError": [lambda E: (E.cuda.OutOfMemoryError is E.OutOfMemoryError, E.OutOfMemoryError("x"))],
    "cuda.AcceleratorError": [lambda E: E.cuda.AcceleratorError("x")],
    "cuda.FloatTensor": [
        lambda E: E.cuda.FloatTensor(2), lambda E: isinstance(E.ones(1), E.cuda.FloatTensor),
        lambda E: E.cuda.FloatTensor,
        lambda E: (E.cuda.FloatTensor.dtype, E.cuda.FloatTensor.is_cuda),
        lambda E: E.set_default_tensor_type(E.cuda.FloatTensor),
    ],
    "cuda.nvtx.mark": [lambda E: E.cuda.nvtx.mark("a")],
    "cuda.nvtx.range": [_inside(lambda E: E.cuda.nvtx.range("a {}", 1))],
    "cuda.nvtx.range_push": [lambda E: E.cuda.nvtx.range_push("a")],
    "cuda.nvtx.range_start": [lambda E: E.cuda.nvtx.range_start("a")],
    "cuda.nvtx.range_end": [lambda E: E.cuda.nvtx.range_end(0)],
    "cuda.profiler.profile": [_inside(lambda E: E.cuda.profiler.profile())],
    "cuda.comm.broadcast": [
        lambda E: _module(E, "cuda.comm").broadcast(E.ones(2), [0, 1]),
        lambda E: _module(E, "cuda.comm").broadcast(E.ones(2)),
    ],
    "cuda.comm.broadcast_coalesced": [lambda E: _module(E, "cuda.comm").broadcast_coalesced([E.ones(2)], [0])],
    "cuda.comm.scatter": [lambda E: _module(E, "cuda.comm").scatter(E.ones(2), [0, 1])],
    "cuda.comm.gather": [lambda E: _module(E, "cuda.comm").gather([E.ones(2)])],
    "cuda.comm.reduce_add": [lambda E: _module(E, "cuda.comm").reduce_add([E.ones(2)])],
    "cuda.comm.reduce_add_coalesced": [lambda E: _module(E, "cuda.comm").reduce_add_coalesced([[E.ones(2)]])],
    "backends.cuda.cuFFTPlanCache": [
        lambda E: E.backends.cuda.cufft_plan_cache.size, lambda E: E.backends.cuda.cufft_plan_cache[0].size,
        lambda E: E.backends.cuda.cufft_plan_cache.clear(),
        lambda E: setattr(E.backends.cuda.cufft_plan_cache, "max_size", 3),
    ],
    "backends.cuda.preferred_linalg_library": [
        lambda E, b=b: E.backends.cuda.preferred_linalg_library(b) for b in (None, "x", "cusolver", 3)
    ],
    "backends.cuda.preferred_blas_library": [
        lambda E, b=b: E.backends.cuda.preferred_blas_library(b) for b in (None, "x", "cublaslt", "cublas")
    ],
    "backends.cuda.matmul": [
        lambda E, n=n: getattr(E.backends.cuda.matmul, n) for n in (
            "allow_tf32", "allow_fp16_reduced_precision_reduction", "allow_bf16_reduced_precision_reduction",
            "allow_fp16_accumulation", "allow_bf16_reduced_precision_reduction_split_k", "nosuch", "fp32_precision")
    ] + [
        lambda E: setattr(E.backends.cuda.matmul, "allow_tf32", 1),
        lambda E: setattr(E.backends.cuda.matmul, "nosuch", 1),
        lambda E: setattr(E.backends.cuda.matmul, "allow_fp16_reduced_precision_reduction", 1),
        lambda E: setattr(E.backends.cuda.matmul, "fp32_precision", "x"),
    ],
    "backends.cuda.allow_fp16_bf16_reduction_math_sdp": [
        lambda E: E.backends.cuda.allow_fp16_bf16_reduction_math_sdp(0),
        lambda E: E.backends.cuda.enable_flash_sdp(1),
    ],
    **{f"backends.cuda.enable_{kind}_sdp": [
        lambda E, kind=kind: (getattr(E.backends.cuda, f"enable_{kind}_sdp")(False),
                              getattr(E.backends.cuda, f"{kind}_sdp_enabled")(),
                              getattr(E.backends.cuda, f"enable_{kind}_sdp")(True)),
    ] for kind in ("flash", "math", "mem_efficient", "cudnn")},
    "backends.cuda.sdp_kernel": [_inside(lambda E: E.backends.cuda.sdp_kernel(enable_flash=False))],
    "backends.cudnn.is_acceptable": [lambda E: E.backends.cudnn.is_acceptable(E.ones(1))],
    "accelerator.set_device_index": [lambda E: E.accelerator.set_device_index(0)],
    "accelerator.set_device_idx": [lambda E: E.accelerator.set_device_idx(0)],
    "accelerator.device_index": [
        _inside(lambda E: E.accelerator.device_index(0)), _inside(lambda E: E.accelerator.device_index(None))
    ],
    "accelerator.set_stream": [],  # PyTorch's words are those of its binding to C++
    "cpu.set_device": [lambda E: E.cpu.set_device(0)],
    "cpu.stream": [_inside(lambda E: E.cpu.stream(E.cpu.Stream())), _inside(lambda E: E.cpu.stream(None))],
    "cpu.StreamContext": [_inside(lambda E: E.cpu.StreamContext(None))],
    "cpu.Event": [lambda E: (E.cpu.Event().query(), E.cpu.Event().record(), E.cpu.Event().wait())],
    "cpu.Stream": [lambda E: E.cpu.Stream().wait_stream(None)],
    "cpu.current_stream": [lambda E: E.cpu.current_stream() is E.cpu.current_stream()],
    "mps.manual_seed": [lambda E: E.mps.manual_seed(0)],
    "mps.compile_shader": [lambda E: E.mps.compile_shader("")],
    "backends.mps.is_macos_or_newer": [lambda E: E.backends.mps.is_macos_or_newer(13, 0)],
    "backends.nnpack.set_flags": [lambda E: E.backends.nnpack.set_flags(1),
    lambda E: E.backends.nnpack.set_flags(True)],
    "backends.nnpack.flags": [_inside(lambda E: E.backends.nnpack.flags(False))],
    "backends.mkl.verbose": [_inside(lambda E: E.backends.mkl.verbose(E.backends.mkl.VERBOSE_OFF))],
    "backends.mha.set_fastpath_enabled": [
        lambda E: (E.backends.mha.set_fastpath_enabled(False), E.backends.mha.get_fastpath_enabled(),
                   E.backends.mha.set_fastpath_enabled(True)),
    ],
    "xpu.manual_seed": [lambda E: E.xpu.manual_seed(0)],
    "xpu.manual_seed_all": [lambda E: E.xpu.manual_seed_all(0)],
    "amp.autocast": [
        lambda E, d=d: E.amp.autocast(d)._enabled for d in ("cuda", "cpu", "nowhere", 5, "xpu", "mps", "mtia")
    ] + [lambda E: E.amp.autocast("cpu", dtype=E.float64)._enabled, lambda E: E.amp.autocast("cpu")(3)],
    "amp.GradScaler": [
        lambda E: E.amp.GradScaler().is_enabled(), lambda E: E.amp.GradScaler("cpu").is_enabled(),
        lambda E: E.amp.GradScaler("cpu", growth_factor=1.0), lambda E: E.amp.GradScaler("cpu", backoff_factor=1.0),
        lambda E: E.amp.GradScaler(E.device("cpu")).state_dict(), lambda E: E.amp.GradScaler("xpu").is_enabled(),
    ],
    "amp.custom_fwd": [lambda E: E.amp.custom_fwd(device_type=3)],
    "amp.custom_bwd": [lambda E: E.amp.custom_bwd(device_type=3)],
    "amp.is_autocast_available": [
        lambda E, d=d: E.amp.is_autocast_available(d) for d in ("cpu", "cuda", "xpu", "mps", "meta", "mtia", "nowhere")
    ],
    "cuda.amp.custom_fwd": [lambda E: E.cuda.amp.custom_fwd(lambda ctx: None).__name__],
    "cuda.amp.custom_bwd": [lambda E: E.cuda.amp.custom_bwd(lambda ctx: None).__name__],
    "cuda.amp.autocast": [lambda E: E.cuda.amp.autocast()._enabled],
    "cuda.amp.GradScaler": [lambda E: E.cuda.amp.GradScaler().is_enabled()],
    "cpu.amp.autocast": [lambda E: E.cpu.amp.autocast()._enabled],
    "cpu.amp.GradScaler": [lambda E: E.cpu.amp.GradScaler().is_enabled()],
    # what is no name of these namespaces, yet is about devices
    "backends.cudnn.enabled": [lambda E: setattr(E.backends.cudnn, "enabled", 1), lambda E: E.backends.cudnn.enabled],
    "backends.cudnn.benchmark": [
        lambda E: setattr(E.backends.cudnn, "benchmark", "a"), lambda E: E.backends.cudnn.set_flags()
    ],
    "backends.mkldnn.enabled": [
        lambda E: setattr(E.backends.mkldnn, "enabled", 1), lambda E: E.backends.mkldnn.set_flags(True)
    ],
    "backends.miopen.immediate": [lambda E: setattr(E.backends.miopen, "immediate", 1)],
    "backends.opt_einsum.set_flags": [lambda E: E.backends.opt_einsum.get_opt_einsum()],
}  # fmt: skip

#: Tensors and modules on devices that are not there.
PLACED = [
    lambda E: E.ones(1).cuda(), lambda E: E.ones(1).cuda(3), lambda E: E.ones(1).cuda("cpu"),
    lambda E: E.ones(1).cuda([]),
    lambda E: E.ones(1).to("cuda"), lambda E: E.ones(1).to("cuda:7"), lambda E: E.ones(1).to(0),
    lambda E: E.ones(1).to("mps"), lambda E: E.ones(1).to("xpu"), lambda E: E.ones(1).to("xla"),
    lambda E: E.ones(1).to("cuda", non_blocking=True), lambda E: E.ones(1, device="cuda"),
    lambda E: E.tensor([1.0], device="cuda:7"), lambda E: E.rand(2, device="cuda"),
    lambda E: E.nn.Linear(1, 1).cuda(), lambda E: E.nn.Linear(1, 1).to("cuda"), lambda E: E.nn.Linear(1, 1,
    device="cuda"),
    lambda E: E.nn.Linear(1, 1).cuda(0), _inside(lambda E: E.device("cuda")), lambda E: E.device("cuda", 1),
    lambda E: E.device(0), lambda E: E.device("cuda", -1), lambda E: E.device("cuda:-1"), lambda E: E.device("cuda:01"),
    lambda E: E.device("gpu"), lambda E: E.device("cuda", True), lambda E: E.device(None), lambda E: E.device(1.5),
    lambda E: E.device("cuda:"), lambda E: E.device("cuda:1:2"), lambda E: E.ones(1).get_device(),
    lambda E: E.ones(1).pin_memory(), lambda E: E.ones(1).is_pinned(), lambda E: E.zeros(2, pin_memory=True),
    lambda E: E.rand(2, pin_memory=True), lambda E: E.arange(2, pin_memory=True), lambda E: E.tensor([1],
    pin_memory=True),
    lambda E: E.ones(1).record_stream(None), lambda E: E.ones(1).to(torch_dtype(E), "cpu"),
    lambda E: E.ones(1).to("cpu", 1), lambda E: E.ones(1).to("cpu", copy=1),
    lambda E: E.ones(1).to("cpu", E.float64, False, True, 5), lambda E: E.ones(1).copy_(E.ones(1), 5),
    lambda E: E.empty(2, 3, 4, 5).cpu(memory_format=E.channels_last).stride(), lambda E: E.ones(1).to(None),
    lambda E: E.ones(1).cpu().to("cpu:3").device, lambda E: E.Generator("cuda"), lambda E: E.version.cuda,
    lambda E: E.backends.flags_frozen(), lambda E: E.ones(1).type("torch.cuda.FloatTensor"),
]  # fmt: skip
#: Streams and events of no particular device.
ANY_DEVICE = [
    lambda E: E.Stream(), lambda E: E.Event(), lambda E: E.Stream("cuda"), lambda E: E.Event("cuda"),
    lambda E: E.Stream("nowhere"),
    lambda E: (E.Event().query(), E.Event().synchronize(), E.Event().wait(), E.Stream().query()),
    lambda E: E.Event().record(),
    lambda E: E.Stream().record_event(), lambda E: E.Event().elapsed_time(E.Event()),
    lambda E: E.Stream() == E.Stream(),
    lambda E: E.Event(enable_timing=True),
    lambda E: (E.Stream().device, E.Event().device), _inside(lambda E: E.Stream()),
    lambda E: E.get_device_module().__name__, lambda E: E.get_device_module("cuda").__name__,
    lambda E: E.get_device_module(E.device("cpu")).__name__, lambda E: E.get_device_module(5),
    lambda E: E.get_device_module("meta"), lambda E: E.get_device_module("nowhere"),
    lambda E: _module(E, "cuda.amp.grad_scaler").OptState.READY,
    lambda E: _module(E, "cuda.amp.autocast_mode").autocast.__name__,
    lambda E: _module(E, "cuda.amp.common").amp_definitely_not_available(),
    lambda E: _module(E, "cpu.amp.grad_scaler").GradScaler.__name__,
    lambda E: _module(E, "amp.autocast_mode").is_autocast_available("cpu"),
]  # fmt: skip
#: PyTorch's words there name its C++ libraries; the class of error is compared alone.
OWN_WORDS = ("Cannot get CUDA generator", "Cannot initialize CUDA")


def torch_dtype(E: Any) -> Any:
    return E.float32


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
    theirs, ours = _module(torch, path), _module(glasstorch, path)
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
            ways = ways or [lambda E, name=name: getattr(_module(E, path), name)()]
        elif ways is None:
            ways = [lambda E, name=name: getattr(_module(E, path), name)]
        wrong += [f"{full}: {told}" for way in ways if (told := alike(way))]
    assert not wrong, "\n".join(wrong)


def test_switches_that_are_no_public_names_of_pytorchs_modules():
    listed = {f"{path}.{name}" for path in NAMESPACES for name in _public(_module(torch, path))}
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
