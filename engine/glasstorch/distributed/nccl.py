"""The backend ``nccl``: collectives between GPUs, by NVIDIA's library through CuPy.

NCCL runs on the GPU's current stream, so work that was asked for is in order with all that follows it there, and
waiting makes this process wait for that stream.

Source: https://docs.cupy.dev/en/stable/reference/generated/cupy.cuda.nccl.NcclCommunicator.html
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from .. import backends
from .reduce_op import RedOpType, finish
from .store import Store
from .transport import Transport
from .work import Work

#: NCCL's numbers of element types and operations (nccl.h).
_TYPES = {"int8": 0, "uint8": 1, "bool": 1, "int32": 2, "uint32": 3, "int64": 4, "uint64": 5, "float16": 6,
          "float32": 7, "float64": 8, "bfloat16": 9}  # fmt: skip
_OPERATIONS = {RedOpType.SUM: 0, RedOpType.AVG: 0, RedOpType.PRODUCT: 1, RedOpType.MAX: 2, RedOpType.MIN: 3}
_BYTE = 1


@functools.cache
def is_nccl_available() -> bool:
    """Can the backend nccl be used: is there CuPy with NCCL, and a GPU?"""
    cupy = backends.cupy()
    return cupy is not None and bool(cupy.cuda.nccl.available)


class _OnStream(Work):
    """Work that a stream will do. Done when the event behind it is."""

    def __init__(self, cupy: Any) -> None:
        super().__init__()
        self.event = cupy.cuda.Event()
        self.event.record()

    def is_completed(self) -> bool:
        if not self._done.is_set() and self.event.done:
            self._finish()
        return self._done.is_set()

    def _await(self, seconds: float | None) -> bool:
        if not self._done.is_set():
            self.event.synchronize()
            self._finish()
        return True


class NCCLBackend(Transport):
    """The members of a group as an NCCL communicator; each has the GPU that was current at its first collective."""

    name = "nccl"

    def __init__(self, store: Store, rank: int, size: int, timeout: timedelta) -> None:
        super().__init__(rank, size, timeout)
        self.store = store
        self.communicator: Any = None

    @property
    def comm(self) -> Any:
        """The communicator, made when it is first needed: the program has chosen its GPU by then."""
        if self.communicator is None:
            nccl = self.cupy.cuda.nccl
            if self.rank == 0:
                identity = nccl.get_unique_id()
                self.store.set("id", bytes(value & 0xFF for value in identity))
            values = tuple(b - 256 if b > 127 else b for b in self.store.get("id"))
            self.communicator = nccl.NcclCommunicator(self.size, values, self.rank)
        return self.communicator

    @property
    def cupy(self) -> Any:
        return backends.require("cuda")

    @property
    def stream(self) -> int:
        return self.cupy.cuda.get_current_stream().ptr

    def _together(self, calls: Callable[[], None]) -> Work:
        """Several calls as one, so that none waits for another."""
        nccl = self.cupy.cuda.nccl
        self.comm  # noqa: B018  made before the calls are grouped
        nccl.groupStart()
        try:
            calls()
        finally:
            nccl.groupEnd()
        return _OnStream(self.cupy)

    def _type(self, a: Any, op: RedOpType) -> tuple[int, int]:
        kind, how = _TYPES.get(_reals(a).dtype.name), _OPERATIONS.get(op)
        if kind is None or how is None or (a.dtype.kind == "c" and op is RedOpType.PRODUCT):
            raise RuntimeError(f"Cannot use ReduceOp.{op.name} with NCCL on {a.dtype.name}")
        if a.dtype.kind == "b":  # as PyTorch: any of them, or all of them
            how = _OPERATIONS[RedOpType.MAX if how in (0, 2) else RedOpType.MIN]
        return kind, how

    def broadcast(self, a: Any, root: int) -> Work:
        self.comm.bcast(a.data.ptr, a.nbytes, _BYTE, root, self.stream)
        return _OnStream(self.cupy)

    def all_reduce(self, a: Any, op: RedOpType) -> Work:
        flat = _reals(a)
        self.comm.allReduce(flat.data.ptr, flat.data.ptr, flat.size, *self._type(a, op), self.stream)
        finish(op, a.reshape(-1), self.size)
        return _OnStream(self.cupy)

    def reduce(self, a: Any, root: int, op: RedOpType) -> Work:
        flat = _reals(a)
        self.comm.reduce(flat.data.ptr, flat.data.ptr, flat.size, *self._type(a, op), root, self.stream)
        if self.rank == root:
            finish(op, a.reshape(-1), self.size)
        return _OnStream(self.cupy)

    def all_gather(self, outs: Sequence[Any], a: Any) -> Work:
        whole = self.cupy.empty((self.size, a.nbytes), "u1")
        self.comm.allGather(a.data.ptr, whole.data.ptr, a.nbytes, _BYTE, self.stream)
        for out, row in zip(outs, whole, strict=True):
            out.reshape(-1).view("u1")[...] = row
        return _OnStream(self.cupy)

    def gather(self, outs: Sequence[Any] | None, a: Any, root: int) -> Work:
        def calls() -> None:
            self.comm.send(a.data.ptr, a.nbytes, _BYTE, root, self.stream)
            for peer, out in enumerate(outs or ()):
                self.comm.recv(out.data.ptr, out.nbytes, _BYTE, peer, self.stream)

        return self._together(calls)

    def scatter(self, out: Any, arrays: Sequence[Any] | None, root: int) -> Work:
        def calls() -> None:
            self.comm.recv(out.data.ptr, out.nbytes, _BYTE, root, self.stream)
            for peer, a in enumerate(arrays or ()):
                self.comm.send(a.data.ptr, a.nbytes, _BYTE, peer, self.stream)

        return self._together(calls)

    def reduce_scatter(self, out: Any, arrays: Sequence[Any], op: RedOpType) -> Work:
        whole = _reals(self.cupy.stack(list(arrays)))
        flat = _reals(out)
        self.comm.reduceScatter(whole.data.ptr, flat.data.ptr, flat.size, *self._type(out, op), self.stream)
        finish(op, out.reshape(-1), self.size)
        return _OnStream(self.cupy)

    def all_to_all(self, outs: Sequence[Any], arrays: Sequence[Any]) -> Work:
        def calls() -> None:
            for peer, (out, a) in enumerate(zip(outs, arrays, strict=True)):
                self.comm.send(a.data.ptr, a.nbytes, _BYTE, peer, self.stream)
                self.comm.recv(out.data.ptr, out.nbytes, _BYTE, peer, self.stream)

        return self._together(calls)

    def barrier(self) -> Work:
        token = self.cupy.zeros(1, "u1")
        return self.all_reduce(token, RedOpType.SUM)

    def send(self, a: Any, peer: int, tag: int) -> Work:
        self.comm.send(a.data.ptr, a.nbytes, _BYTE, peer, self.stream)
        return _OnStream(self.cupy)

    def receive(self, a: Any, peer: int | None, tag: int) -> Work:
        if peer is None:
            raise RuntimeError("NCCL receives from a rank that is named: give src")
        self.comm.recv(a.data.ptr, a.nbytes, _BYTE, peer, self.stream)
        return _OnStream(self.cupy)

    def close(self) -> None:
        if self.communicator is not None:
            self.communicator.destroy()
            self.communicator = None


def _reals(a: Any) -> Any:
    """A flat view; complex numbers as pairs of reals, which add in the same way."""
    flat = a.reshape(-1)
    return flat.view(f"f{flat.itemsize // 2}") if flat.dtype.kind == "c" else flat
