"""The names of backends, and which of them serves which device."""

from __future__ import annotations

from typing import ClassVar

from .mpi import is_mpi_available
from .nccl import is_nccl_available


class Backend(str):
    """The name of a backend in lower case; ValueError for what is no string."""

    UNDEFINED = "undefined"
    GLOO = "gloo"
    NCCL = "nccl"
    MPI = "mpi"
    backend_list: ClassVar[list[str]] = [UNDEFINED, GLOO, NCCL, MPI]

    def __new__(cls, name: str) -> Backend:
        if not isinstance(name, str):
            raise ValueError("Backend constructor parameter must be string-ish")
        return super().__new__(cls, name.lower())


class BackendConfig:
    """Which backend serves which device: from "gloo", "nccl", or "cpu:gloo,cuda:nccl"."""

    def __init__(self, backend: str | None) -> None:
        if backend is None or backend == Backend.UNDEFINED:
            self.by_device = {
                "cpu": Backend.GLOO,
                "cuda": Backend.NCCL if is_nccl_available() else Backend.GLOO,
            }
        elif ":" in backend:
            self.by_device = {}
            for pair in backend.lower().split(","):
                device, _, name = pair.partition(":")
                if not name or device in self.by_device:
                    raise ValueError(
                        f"Invalid device:backend pairing: {pair!r}. Write one backend for each device, as in "
                        "'cpu:gloo,cuda:nccl'."
                    )
                self.by_device[device] = name
        elif backend.lower() == Backend.NCCL:
            self.by_device = {"cuda": Backend.NCCL}
        else:
            self.by_device = {"cpu": backend.lower(), "cuda": backend.lower()}
        for name in self.by_device.values():
            _require(name)

    def get_device_backend_map(self) -> dict[str, str]:
        """The backend of each device."""
        return self.by_device

    def __repr__(self) -> str:
        return ",".join(f"{device}:{name}" for device, name in self.by_device.items())


def _require(name: str) -> None:
    """RuntimeError unless a backend can be used here."""
    if name == Backend.MPI and not is_mpi_available():
        raise RuntimeError(
            "Distributed package doesn't have MPI built in: mpi4py and an MPI library are not installed. "
            "Try pip install 'glasstorch[distributed]', or the backend gloo, which needs nothing."
        )
    if name == Backend.NCCL and not is_nccl_available():
        raise RuntimeError(
            "Distributed package doesn't have NCCL built in: it needs CuPy and a CUDA GPU. "
            "On the CPU, use the backend gloo."
        )
    if name not in (Backend.GLOO, Backend.NCCL, Backend.MPI):
        raise AssertionError(f"Unknown backend type {name}. There are gloo, mpi and nccl.")
