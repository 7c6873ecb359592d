"""Calls of the device namespaces, to be made on both engines of a machine without a GPU."""

from __future__ import annotations

import importlib
from typing import Any


def torch_dtype(E: Any) -> Any:
    return E.float32


def inside(make: Any) -> Any:
    def run(E: Any) -> None:
        with make(E):
            pass

    return run


def module(E: Any, path: str) -> Any:
    return importlib.import_module(f"{E.__name__}.{path}")


def state(E: Any) -> Any:
    return E.zeros(16, dtype=E.uint8)


#: How to call what needs arguments, or what shows more than a call without any: several ways each.
CALLS: dict[str, list] = {
    "cuda.set_device": [
        lambda E, d=d: E.cuda.set_device(d) for d in (0, -1, "cuda", "cuda:1", "cpu", None, "nowhere", 1.5)
    ],
    "cuda.device": [
        inside(lambda E: E.cuda.device(0)), inside(lambda E: E.cuda.device(-1)),
        inside(lambda E: E.cuda.device("cuda:1")), inside(lambda E: E.cuda.device(None)),
        lambda E: E.cuda.device("cpu"), lambda E: (E.cuda.device(3).idx, E.cuda.device(3).prev_idx),
    ],
    "cuda.device_of": [inside(lambda E: E.cuda.device_of(E.ones(1))), lambda E: E.cuda.device_of(0)],
    "cuda.stream": [inside(lambda E: E.cuda.stream(None)), inside(lambda E: E.cuda.stream(5))],
    "cuda.StreamContext": [inside(lambda E: E.cuda.StreamContext(None))],
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
    "cuda.caching_allocator_disabled": [inside(lambda E: E.cuda.caching_allocator_disabled())],
    "cuda.manual_seed": [lambda E, s=s: E.cuda.manual_seed(s) for s in (0, 3.7, "a")],
    "cuda.manual_seed_all": [lambda E: E.cuda.manual_seed_all(0)],
    "cuda.get_rng_state": [lambda E, d=d: E.cuda.get_rng_state(d) for d in ("cuda", 0, "cpu")],
    "cuda.set_rng_state": [lambda E: E.cuda.set_rng_state(state(E)), lambda E: E.cuda.set_rng_state(0)],
    "cuda.set_rng_state_all": [
        lambda E: E.cuda.set_rng_state_all([state(E)]), lambda E: E.cuda.set_rng_state_all(0)
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
    "cuda.nvtx.range": [inside(lambda E: E.cuda.nvtx.range("a {}", 1))],
    "cuda.nvtx.range_push": [lambda E: E.cuda.nvtx.range_push("a")],
    "cuda.nvtx.range_start": [lambda E: E.cuda.nvtx.range_start("a")],
    "cuda.nvtx.range_end": [lambda E: E.cuda.nvtx.range_end(0)],
    "cuda.profiler.profile": [inside(lambda E: E.cuda.profiler.profile())],
    "cuda.comm.broadcast": [
        lambda E: module(E, "cuda.comm").broadcast(E.ones(2), [0, 1]),
        lambda E: module(E, "cuda.comm").broadcast(E.ones(2)),
    ],
    "cuda.comm.broadcast_coalesced": [lambda E: module(E, "cuda.comm").broadcast_coalesced([E.ones(2)], [0])],
    "cuda.comm.scatter": [lambda E: module(E, "cuda.comm").scatter(E.ones(2), [0, 1])],
    "cuda.comm.gather": [lambda E: module(E, "cuda.comm").gather([E.ones(2)])],
    "cuda.comm.reduce_add": [lambda E: module(E, "cuda.comm").reduce_add([E.ones(2)])],
    "cuda.comm.reduce_add_coalesced": [lambda E: module(E, "cuda.comm").reduce_add_coalesced([[E.ones(2)]])],
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
    "backends.cuda.sdp_kernel": [inside(lambda E: E.backends.cuda.sdp_kernel(enable_flash=False))],
    "backends.cudnn.is_acceptable": [lambda E: E.backends.cudnn.is_acceptable(E.ones(1))],
    "accelerator.set_device_index": [lambda E: E.accelerator.set_device_index(0)],
    "accelerator.set_device_idx": [lambda E: E.accelerator.set_device_idx(0)],
    "accelerator.device_index": [
        inside(lambda E: E.accelerator.device_index(0)), inside(lambda E: E.accelerator.device_index(None))
    ],
    "accelerator.set_stream": [],  # PyTorch's words are those of its binding to C++
    "cpu.set_device": [lambda E: E.cpu.set_device(0)],
    "cpu.stream": [inside(lambda E: E.cpu.stream(E.cpu.Stream())), inside(lambda E: E.cpu.stream(None))],
    "cpu.StreamContext": [inside(lambda E: E.cpu.StreamContext(None))],
    "cpu.Event": [lambda E: (E.cpu.Event().query(), E.cpu.Event().record(), E.cpu.Event().wait())],
    "cpu.Stream": [lambda E: E.cpu.Stream().wait_stream(None)],
    "cpu.current_stream": [lambda E: E.cpu.current_stream() is E.cpu.current_stream()],
    "mps.manual_seed": [lambda E: E.mps.manual_seed(0)],
    "mps.compile_shader": [lambda E: E.mps.compile_shader("")],
    "backends.mps.is_macos_or_newer": [lambda E: E.backends.mps.is_macos_or_newer(13, 0)],
    "backends.nnpack.set_flags": [lambda E: E.backends.nnpack.set_flags(1),
    lambda E: E.backends.nnpack.set_flags(True)],
    "backends.nnpack.flags": [inside(lambda E: E.backends.nnpack.flags(False))],
    "backends.mkl.verbose": [inside(lambda E: E.backends.mkl.verbose(E.backends.mkl.VERBOSE_OFF))],
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
    lambda E: E.nn.Linear(1, 1).cuda(0), inside(lambda E: E.device("cuda")), lambda E: E.device("cuda", 1),
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
    lambda E: (E.Stream().device, E.Event().device), inside(lambda E: E.Stream()),
    lambda E: E.get_device_module().__name__, lambda E: E.get_device_module("cuda").__name__,
    lambda E: E.get_device_module(E.device("cpu")).__name__, lambda E: E.get_device_module(5),
    lambda E: E.get_device_module("meta"), lambda E: E.get_device_module("nowhere"),
    lambda E: module(E, "cuda.amp.grad_scaler").OptState.READY,
    lambda E: module(E, "cuda.amp.autocast_mode").autocast.__name__,
    lambda E: module(E, "cuda.amp.common").amp_definitely_not_available(),
    lambda E: module(E, "cpu.amp.grad_scaler").GradScaler.__name__,
    lambda E: module(E, "amp.autocast_mode").is_autocast_available("cpu"),
]  # fmt: skip
