"""Tensors to several GPUs and back. Source: https://pytorch.org/docs/stable/cuda.html#communication-collectives"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..backends import cuda_runtime as runtime
from ..core.device import device as Device
from ..core.tensor import Tensor
from .devices import index_of


def _gpus(devices: Iterable[Any]) -> list[Device]:
    return [Device("cuda", index_of(d, optional=True)) for d in devices]


def broadcast(tensor: Tensor, devices: Any = None, *, out: Sequence[Tensor] | None = None) -> tuple:
    """Copies of a tensor on each of the GPUs ``devices``, or written into the tensors ``out``."""
    if (devices is None) == (out is None):
        raise RuntimeError(
            f"Exactly one of 'devices' and 'out' must be specified, but got devices={devices} and out={out}"
        )
    runtime.needs("_broadcast")
    if out is not None:
        return tuple(o.copy_(tensor) for o in out)  # type: ignore[attr-defined]
    return tuple(tensor.to(d) for d in _gpus(devices))


def broadcast_coalesced(tensors: Sequence[Tensor], devices: Any, buffer_size: int = 10485760) -> list[tuple]:
    """``broadcast`` of several tensors: for each GPU a tuple of them."""
    where = _gpus(devices)
    runtime.needs("_broadcast_coalesced")
    return [tuple(t.to(d) for t in tensors) for d in where]


def scatter(tensor: Tensor, devices: Any = None, chunk_sizes: Any = None, dim: int = 0, streams: Any = None, *,
            out: Sequence[Tensor] | None = None) -> tuple:  # fmt: skip
    """A tensor cut along ``dim``, one part on each GPU. ``chunk_sizes``: their lengths; else as equal as can be."""
    runtime.needs("_scatter")
    if out is not None:
        sizes = [o.shape[dim] for o in out]
        parts = tensor.split(sizes, dim)  # type: ignore[attr-defined]
        return tuple(o.copy_(p) for o, p in zip(out, parts, strict=True))  # type: ignore[attr-defined]
    where = _gpus(range(runtime.count()) if devices is None else devices)
    parts = tensor.chunk(len(where), dim) if chunk_sizes is None else tensor.split(chunk_sizes, dim)  # type: ignore[attr-defined]
    return tuple(p.to(d) for p, d in zip(parts, where, strict=False))


def gather(
    tensors: Iterable[Tensor], dim: int = 0, destination: Any = None, *, out: Tensor | None = None
) -> Tensor:
    """Tensors of several GPUs joined along ``dim`` on ``destination`` (the selected GPU), or written into ``out``."""
    from ..ops.join import cat

    tensors = list(tensors)
    runtime.needs("_gather")
    if out is not None:
        return out.copy_(cat([t.to(out.device) for t in tensors], dim))  # type: ignore[attr-defined]
    where = Device("cuda", runtime.current()) if destination in (None, -1) else Device(destination)
    return cat([t.to(where) for t in tensors], dim)


def reduce_add(inputs: Sequence[Tensor], destination: Any = None) -> Tensor:
    """The sum of tensors of one shape, one on each GPU, on ``destination`` (the selected GPU)."""
    for k, t in enumerate(inputs):
        if t.device.type == "cpu":
            raise AssertionError(f"reduce_add expects all inputs to be on GPUs, but input {k} is on CPU")
        if t.shape != inputs[0].shape:
            got, want = (", ".join(str(n) for n in s.shape) for s in (t, inputs[0]))
            raise ValueError(f"input {k} has invalid size: got {got}, but expected {want}")
    where = Device("cuda", index_of(destination, optional=True))
    first, *others = (t.to(where) for t in inputs)
    for t in others:
        first = first + t
    return first


def reduce_add_coalesced(inputs: Iterable[Sequence[Tensor]], destination: Any = None, buffer_size: int = 10485760
                         ) -> tuple:  # fmt: skip
    """``reduce_add`` of each of several tensors: ``inputs`` has a list of them for each GPU."""
    return tuple(reduce_add(group, destination) for group in zip(*inputs, strict=True))


__all__ = ["broadcast", "broadcast_coalesced", "gather", "reduce_add", "reduce_add_coalesced", "scatter"]
