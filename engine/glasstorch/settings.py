"""Settings of the whole process that PyTorch keeps at its top level: determinism, threads, precision."""

from __future__ import annotations

import os
from typing import Any

from .backends import precision as _fp32
from .backends import threads
from .backends.determinism import state as _deterministic
from .core.frames import once as _once
from .core.frames import warn
from .core.refusals import type_name


# ------------------------------------------------------------------ determinism
def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Ask for the same result every time: RuntimeError (or, with ``warn_only``, a warning) where that cannot be.

    On the CPU every operation gives it in any case. On a GPU, where threads add to one place in any order, scatter,
    index and embedding gradients then go through host memory; running sums of floating point, ``bincount`` with weights
    and ``max_unpool`` have no such form; and matrix products need CUBLAS_WORKSPACE_CONFIG in the environment.
    New memory is filled (``utils.deterministic.fill_uninitialized_memory``).
    Source: https://pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html
    """
    for name, value, place in (("mode", mode, " (position 1)"), ("warn_only", warn_only, "")):
        if not isinstance(value, bool):
            raise TypeError(
                f"_set_deterministic_algorithms(): argument '{name}'{place} must be bool, not {type_name(value)}"
            )
    _deterministic.update(on=mode, warn_only=warn_only)


def are_deterministic_algorithms_enabled() -> bool:
    """Was ``use_deterministic_algorithms`` asked for?"""
    return _deterministic["on"]


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """Was it asked for with ``warn_only``?"""
    return _deterministic["warn_only"]


def set_deterministic_debug_mode(debug_mode: int | str) -> None:
    """``use_deterministic_algorithms`` by one word or number: "default" (0), "warn" (1), "error" (2)."""
    if not isinstance(debug_mode, (int, str)):
        raise TypeError(f"debug_mode must be str or int, but got {type(debug_mode)}")
    words = ["default", "warn", "error"]
    if isinstance(debug_mode, str):
        if debug_mode not in words:
            raise RuntimeError(
                f"invalid value of debug_mode, expected one of `default`, `warn`, `error`, but got {debug_mode}"
            )
        debug_mode = words.index(debug_mode)
    if debug_mode not in (0, 1, 2):
        raise RuntimeError(f"invalid value of debug_mode, expected 0, 1, or 2, but got {debug_mode}")
    use_deterministic_algorithms(debug_mode > 0, warn_only=debug_mode == 1)


def get_deterministic_debug_mode() -> int:
    """0, 1 or 2, as for ``set_deterministic_debug_mode``."""
    return 0 if not _deterministic["on"] else 1 if _deterministic["warn_only"] else 2


# ------------------------------------------------------------------ threads
_threads = {"num_interop_threads": 0}


def _checked_threads(name: str, n: Any) -> Any:
    if not isinstance(n, int) or isinstance(n, bool):
        raise RuntimeError(f"set_{name} expects an int, but got {type_name(n)}")
    if n <= 0:
        raise RuntimeError(f"set_{name} expects a positive integer")
    return n


def set_num_threads(int: int) -> None:
    """How many threads an operation uses: convolutions, and matrix products where threadpoolctl is installed."""
    threads.set_count(_checked_threads("num_threads", int))


def get_num_threads() -> int:
    """How many threads an operation uses."""
    return threads.count()


def set_num_interop_threads(int: int) -> None:
    """Kept for PyTorch's programs: operations here never run at the same time."""
    _threads["num_interop_threads"] = _checked_threads("num_interop_threads", int)


def get_num_interop_threads() -> int:
    """What ``set_num_interop_threads`` was told; the number of processors before that."""
    return _threads["num_interop_threads"] or os.cpu_count() or 1


# ------------------------------------------------------------------ precision and warnings


def set_float32_matmul_precision(precision: str) -> None:
    """How exact float32 matrix products must be: "highest", "high" or "medium". They are always "highest" here."""
    if precision not in ("highest", "high", "medium"):
        warn(
            f"{precision} is not one of 'highest', 'high', or 'medium'; the current"
            "setFloat32MatmulPrecision call has no effect.",
        )
        return
    _fp32.set_matmul(precision)


def get_float32_matmul_precision() -> str:
    """What ``set_float32_matmul_precision`` was told."""
    return _fp32.matmul()


def set_warn_always(b: bool) -> None:
    """Shall warnings that are given once in a process come every time? Python's filters still have their say."""
    if not isinstance(b, bool):
        raise RuntimeError(f"setWarnOnlyOnce expects a bool, but got {type_name(b)}")
    _once["on"] = not b


def is_warn_always_enabled() -> bool:
    """What ``set_warn_always`` was told."""
    return not _once["on"]


def set_flush_denormal(mode: bool) -> bool:
    """Should numbers near 0 become 0? Returns whether that could be done: NumPy always keeps them."""
    if not isinstance(mode, bool):
        raise TypeError(f"flush_denormal expects a bool, but got {type_name(mode)}")
    return not mode


# ------------------------------------------------------------------ control flow
def cond(pred: Any, true_fn: Any, false_fn: Any, operands: Any = ()) -> Any:
    """``true_fn(*operands)`` where ``pred`` holds, else ``false_fn(*operands)``."""
    return (true_fn if bool(pred) else false_fn)(*operands)


def while_loop(cond_fn: Any, body_fn: Any, carried_inputs: Any) -> Any:
    """``carried = body_fn(*carried)`` as long as ``cond_fn(*carried)`` holds."""
    carried = tuple(carried_inputs)
    while bool(cond_fn(*carried)):
        carried = tuple(body_fn(*carried))
    return carried
