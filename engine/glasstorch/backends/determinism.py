"""The same result every time: which operations cannot promise it on a GPU, and how the others keep the promise.

NumPy's operations, and this package's threads on the CPU, add numbers up in an order that never changes. On a GPU many
threads add to one place, or write to it, in whatever order they arrive. With ``use_deterministic_algorithms(True)``
those operations go through host memory, in order; what has no such form raises, as in PyTorch.

Source: https://pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

#: What ``use_deterministic_algorithms`` and ``utils.deterministic.fill_uninitialized_memory`` were told.
state = {"on": False, "warn_only": False, "fill": True}

#: Operations whose kernel on the GPU depends on the order of threads, and PyTorch's name of that kernel. Of the running
#: sums those of floating point (CUB's scan adds blocks in the order in which they are ready).
_UNORDERED = {
    "cumsum": "cumsum_cuda_kernel",
    "cumprod": "cumprod_cuda_kernel",
    "bincount": "_bincount_cuda",
    "histogramdd": "histogramdd_cuda",
    "max_unpool2d": "max_unpooling2d_forward_out",
    "max_unpool3d": "max_unpooling3d_forward_out",
}
#: Operations on cuBLAS, which needs a fixed workspace to repeat itself.
_CUBLAS = {"mm", "bmm", "mv", "dot", "batched_matmul", "folded_matmul", "linear", "addmm", "addmv", "baddbmm", "conv",
           "conv_transposed", "conv_weight"}  # fmt: skip
_WORKSPACES = (":4096:8", ":16:8")


def check(name: str, array: Any) -> None:
    """Called before an operation on the GPU: raise or warn when it cannot be deterministic though it shall be."""
    if not state["on"]:
        return
    kernel = _UNORDERED.get(name)
    if kernel is not None and (array.dtype.kind not in "biu" or not kernel.startswith("cum")):
        alert(kernel)
    elif name in _CUBLAS and os.environ.get("CUBLAS_WORKSPACE_CONFIG") not in _WORKSPACES:
        _say(
            "Deterministic behavior was enabled with either `torch.use_deterministic_algorithms(True)` or "
            "`at::Context::setDeterministicAlgorithms(true)`, but this operation is not deterministic because it uses "
            "CuBLAS and you have CUDA >= 10.2. To enable deterministic behavior in this case, you must set an "
            "environment variable before running your PyTorch application: CUBLAS_WORKSPACE_CONFIG=:4096:8 or "
            "CUBLAS_WORKSPACE_CONFIG=:16:8. For more information, go to "
            "https://docs.nvidia.com/cuda/cublas/index.html#results-reproducibility"
        )


def alert(kernel: str) -> None:
    """RuntimeError that an operation has no deterministic form, or a warning with ``warn_only``."""
    option = ", warn_only=True" if state["warn_only"] else ""
    way_out = (
        "You can "
        if state["warn_only"]
        else "You can turn off determinism just for this operation, or you can use the 'warn_only=True' option, if "
        "that's acceptable for your application. You can also "
    )
    _say(
        f"{kernel} does not have a deterministic implementation, but you set "
        f"'torch.use_deterministic_algorithms(True{option})'. {way_out}file an issue at "
        "https://github.com/pytorch/pytorch/issues to help us prioritize adding deterministic support for this "
        "operation."
    )


def _say(message: str) -> None:
    if not state["warn_only"]:
        raise RuntimeError(message)
    from ..core.frames import warn

    warn(message)


# ------------------------------------------------------------------ writing at places
def add_at(xp: Any, out: Any, at: Any, values: Any) -> None:
    """``out[at] += values`` in place, where what is added to one place several times adds up."""
    if xp is np or not state["on"]:
        xp.add.at(out, at, values)
    else:
        _in_order(xp, np.add.at, out, at, values)


def write_at(xp: Any, out: Any, at: Any, values: Any) -> None:
    """``out[at] = values`` in place; the last of several values for one place stays, if determinism is asked for."""
    if xp is np or not state["on"]:
        out[at] = values
    else:
        _in_order(xp, lambda home, there, new: home.__setitem__(there, new), out, at, values)


def _in_order(xp: Any, write: Any, out: Any, at: Any, values: Any) -> None:
    """One after the other, in host memory."""

    def host(x: Any) -> Any:
        if isinstance(x, (tuple, list)):
            return type(x)(host(part) for part in x)
        return xp.asnumpy(x) if isinstance(x, xp.ndarray) else x

    home = host(out)
    write(home, host(at), host(values))
    out[...] = xp.asarray(home)


# ------------------------------------------------------------------ memory without values
def fill(array: Any) -> Any:
    """The array; with nan, or the largest number of its type, in all elements if determinism is asked for."""
    if state["on"] and state["fill"]:
        kind = array.dtype.kind
        array[...] = True if kind == "b" else np.iinfo(array.dtype).max if kind in "iu" else np.nan
    return array
