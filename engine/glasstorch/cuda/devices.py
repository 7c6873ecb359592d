"""Which GPUs there are, which one is selected, and waiting for them."""

from __future__ import annotations

from typing import Any

from ..backends import cuda_runtime as runtime
from ..backends import require
from ..core.device import device as Device


def is_available() -> bool:
    """Is there a usable GPU (and CuPy to reach it)? Asking does not start the GPU."""
    return runtime.count() > 0


def device_count() -> int:
    """How many GPUs can be used. ``CUDA_VISIBLE_DEVICES=0,1`` in the environment leaves two of them."""
    return runtime.count()


def is_initialized() -> bool:
    """Was a GPU used already?"""
    return runtime.started()


def init() -> None:
    """Start the GPU now; otherwise the first use does. AssertionError without a GPU."""
    runtime.synchronize(runtime.current())


def current_device() -> int:
    """The index of the selected GPU."""
    return runtime.current()


def index_of(where: Any, optional: bool = False) -> int | None:
    """The index of a GPU given as int, name or device; None where it has none and no GPU is there to be selected.

    With ``optional`` a device without index, or None, is the selected GPU; else ValueError. ValueError for a device
    that is no GPU.
    """
    if isinstance(where, device):
        return where.idx
    if isinstance(where, str):
        where = Device(where)
    if isinstance(where, Device) and where.type != "cuda":
        raise ValueError(f"Expected a cuda device, but got: {where}")
    index = where.index if isinstance(where, Device) else where if isinstance(where, int) else None
    if index is not None:
        return index
    if not optional:
        raise ValueError(f"Expected a torch.device with a specified index or an integer, but got:{where}")
    return runtime.current() if is_available() else None


def chosen(where: Any) -> int:
    """The index of a GPU that is there, the selected one for None. AssertionError without a GPU."""
    require("cuda")
    index = index_of(where, optional=True)
    assert index is not None
    return runtime.check(index)


def set_device(device: Any) -> None:
    """Select a GPU: new ``cuda`` tensors go there. A negative index changes nothing.

    Programs with a process for each GPU call it with their rank first.
    Source: https://pytorch.org/docs/stable/generated/torch.cuda.set_device.html
    """
    index = index_of(device)
    assert index is not None
    if index >= 0:
        runtime.needs("_cuda_setDevice")
        runtime.select(index)


class device:
    """``with cuda.device(1):`` another GPU is the selected one inside. Nothing for a negative index."""

    def __init__(self, device: Any) -> None:
        self.idx: Any = index_of(device, optional=True)
        self.prev_idx = -1

    def __enter__(self) -> None:
        if self.idx < 0:
            return
        if not is_available():
            raise RuntimeError("PyTorch was compiled without CUDA support")
        self.prev_idx = runtime.current()
        runtime.select(self.idx)

    def __exit__(self, *exc: Any) -> None:
        if self.prev_idx >= 0:
            runtime.select(self.prev_idx)


class device_of(device):
    """``device`` of a tensor or storage; nothing where it is not on a GPU."""

    def __init__(self, obj: Any) -> None:
        super().__init__(obj.get_device() if obj.is_cuda else -1)


def synchronize(device: Any = None) -> None:
    """Wait until a GPU has done all it was given."""
    runtime.synchronize(chosen(device))


def can_device_access_peer(device: Any, peer_device: Any) -> bool:
    """Can one GPU read the other's memory directly? AssertionError for an index that is not there."""
    require("cuda")
    here, there = index_of(device, optional=True), index_of(peer_device, optional=True)
    for what, index in (("device", here), ("peer device", there)):
        if index is None or not 0 <= index < runtime.count():
            raise AssertionError(f"Invalid {what} id")
    return bool(require("cuda").cuda.runtime.deviceCanAccessPeer(here, there))


def ipc_collect() -> None:
    """Close what other processes no longer use: nothing here, where GPU memory is not shared between processes."""
    require("cuda")


def set_sync_debug_mode(debug_mode: int | str) -> None:
    """Ask for a warning (1, "warn") or an error (2, "error") where the CPU waits for the GPU.

    CuPy cannot tell such places: only 0, "default", is taken, RuntimeError for the others.
    """
    require("cuda")
    if debug_mode not in (0, "default"):
        raise RuntimeError(
            "Glasstorch cannot watch for synchronizing calls: CuPy does not report them. Use a profiler such as Nsight."
        )


def get_sync_debug_mode() -> int:
    """0: nothing is done where the CPU waits for the GPU."""
    require("cuda")
    return 0


def current_blas_handle() -> int:
    """The address of the cuBLAS handle in use."""
    return require("cuda").cuda.Device().cublas_handle


def current_solver_handle() -> int:
    """The address of the cuSOLVER handle in use."""
    return require("cuda").cuda.Device().cusolver_handle


def cudart() -> Any:
    """CUDA's runtime functions, as CuPy offers them. Source:
    https://docs.cupy.dev/en/stable/reference/cuda.html#runtime-api
    """
    return require("cuda").cuda.runtime
