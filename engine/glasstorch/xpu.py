"""Intel's GPUs, which Glasstorch does not use. Each call answers as PyTorch does where there is none.

Source: https://pytorch.org/docs/stable/xpu.html
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

#: Functions with an answer where there is no device, and those that refuse.
_ANSWERS: dict[str, Callable] = {
    "is_available": lambda: False, "device_count": lambda: 0, "is_initialized": lambda: False,
    "is_bf16_supported": lambda including_emulation=True: False, "is_tf32_supported": lambda: False,
    "manual_seed": lambda seed: None, "manual_seed_all": lambda seed: None, "seed": lambda: None,
    "seed_all": lambda: None, "get_rng_state_all": list, "empty_cache": lambda: None,
    "get_arch_list": list, "get_gencode_flags": lambda: "", "memory_allocated": lambda device=None: 0,
    "max_memory_allocated": lambda device=None: 0, "memory_reserved": lambda device=None: 0,
    "max_memory_reserved": lambda device=None: 0, "memory_stats": lambda device=None: OrderedDict(),
    "memory_stats_as_nested_dict": lambda device=None: {}, "memory_snapshot": lambda mempool_id=None: [],
}  # fmt: skip
_REFUSALS = (
    "can_device_access_peer", "current_device", "current_stream", "get_device_capability", "get_device_name",
    "get_device_properties", "get_per_process_memory_fraction", "get_rng_state", "get_stream_from_external", "init",
    "initial_seed", "mem_get_info", "set_device", "set_per_process_memory_fraction", "set_stream", "synchronize",
)  # fmt: skip


def _refuse(*args: Any, **kwargs: Any) -> Any:
    raise AssertionError(
        "Torch not compiled with XPU enabled\nGlasstorch has no xpu devices: use 'cpu' or 'cuda'."
    )


def _named(name: str, answer: Callable, doc: str) -> Callable:
    def call(*args: Any, **kwargs: Any) -> Any:
        return answer(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = doc
    return call


globals().update({n: _named(n, f, "What there is without such a device.") for n, f in _ANSWERS.items()})
globals().update({n: _named(n, _refuse, "AssertionError: there is no such device.") for n in _REFUSALS})

default_generators = ()
