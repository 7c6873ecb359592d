"""Which version this is. ``cuda`` is the CUDA version of CuPy where there is a GPU, else None."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"
debug = False
git_version = "unknown"  # an installed package does not know its commit
hip: str | None = None
rocm: str | None = None
xpu: str | None = None

__all__ = ["__version__", "cuda", "debug", "git_version", "hip", "rocm", "xpu"]  # noqa: F822  (cuda: __getattr__)


def __getattr__(name: str) -> Any:
    """``cuda`` is found out when somebody asks."""
    if name != "cuda":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import backends

    module = backends.cupy()
    if module is None:
        return None
    number = module.cuda.runtime.runtimeGetVersion()
    return f"{number // 1000}.{number % 1000 // 10}"
