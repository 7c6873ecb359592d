"""The backend ``mpi``: MPI's own collectives, for processes that ``mpiexec`` has started. Needs mpi4py.

Everything is asked for without waiting (``MPI_Iallreduce`` and so on). MPI moves such requests on while it is called,
so waiting means asking again and again, with pauses that leave the processor to others.

Source: https://mpi4py.readthedocs.io, https://www.mpi-forum.org/docs/
"""

from __future__ import annotations

import atexit
import functools
import importlib
import importlib.util
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from .. import backends
from ..core import dtype as dt
from ..futures import Future
from .elastic.multiprocessing.errors import PEER_GONE
from .reduce_op import RedOpType, finish
from .transport import Transport
from .work import Work

_OPERATIONS = {
    RedOpType.SUM: "SUM",
    RedOpType.AVG: "SUM",
    RedOpType.PRODUCT: "PROD",
    RedOpType.MIN: "MIN",
    RedOpType.MAX: "MAX",
    RedOpType.BAND: "BAND",
    RedOpType.BOR: "BOR",
    RedOpType.BXOR: "BXOR",
}
_ON_BOOL = {
    RedOpType.SUM: "LOR", RedOpType.PRODUCT: "LAND", RedOpType.MIN: "LAND", RedOpType.MAX: "LOR",
    RedOpType.BAND: "LAND", RedOpType.BOR: "LOR", RedOpType.BXOR: "LXOR",
}  # fmt: skip
_EAGER_LOOKS = 200  # so often without a pause; then the pauses grow
_LONGEST_PAUSE = 0.001
_FAREWELL = 32_000  # the tag of the empty message by which a process that ends takes leave of all others
_GRACE = 2.0  # seconds in which what a process did before it took leave may still arrive


@functools.cache
def is_mpi_available() -> bool:
    """Can the backend mpi be used: are mpi4py and an MPI library installed?"""
    if importlib.util.find_spec("mpi4py") is None:
        return False
    try:
        import mpi4py

        if "mpi4py.MPI" not in sys.modules:
            mpi4py.rc.initialize = mpi4py.rc.finalize = False  # only look: asking must not start MPI
        importlib.import_module("mpi4py.MPI")
    except (ImportError, RuntimeError):  # no MPI library behind it
        return False
    return True


@functools.cache
def _mpi() -> Any:
    """mpi4py's module MPI, with MPI started."""
    if not is_mpi_available():
        raise RuntimeError("mpi4py and an MPI library are not installed")
    module = importlib.import_module("mpi4py.MPI")
    if not module.Is_initialized():
        module.Init_thread(module.THREAD_MULTIPLE)
    if not module.Is_finalized():
        show = sys.excepthook

        def show_and_abort(*error: Any) -> None:
            """Ending MPI in good order waits for all processes; after an error, end them."""
            show(*error)
            sys.stderr.flush()
            module.COMM_WORLD.Abort(1)

        if module.COMM_WORLD.Get_size() > 1:
            sys.excepthook = show_and_abort
        atexit.register(lambda: _farewells().leave())
    return module


class _Farewells:
    """Empty messages by which every process tells all others that it ends.

    MPI itself would let the others wait for ever in a collective, and the one that ends for all others.
    """

    def __init__(self, MPI: Any) -> None:
        self.MPI, self.everybody = MPI, MPI.COMM_WORLD
        self.empty = [None, 0, MPI.BYTE]
        self.coming = {
            peer: self.everybody.Irecv(self.empty, peer, _FAREWELL)
            for peer in range(self.everybody.Get_size())
            if peer != self.everybody.Get_rank()
        }

    def gone(self, ranks: Sequence[int]) -> int | None:
        """One of the processes, if it has ended."""
        return next((r for r in ranks if r in self.coming and self.coming[r].Test()), None)

    def leave(self) -> None:
        """Take leave of all, and wait until all have."""
        if self.MPI.Is_finalized():
            return
        going = [self.everybody.Isend(self.empty, peer, _FAREWELL) for peer in self.coming]
        while not self.MPI.Request.Testall([*going, *self.coming.values()]):
            time.sleep(_LONGEST_PAUSE)
        if _ends_mpi():
            self.MPI.Finalize()


@functools.cache
def _farewells() -> _Farewells:
    return _Farewells(_mpi())


def _ends_mpi() -> bool:
    """Must MPI be ended here? mpi4py does it itself when the program, and not Glasstorch, imported it first."""
    import mpi4py

    return mpi4py.rc.finalize is False


def mpi_world(world_size: int = -1, rank: int = -1) -> Any:
    """The communicator of all processes. RuntimeError when it is not what the caller was told."""
    comm = _mpi().COMM_WORLD
    _farewells()
    if world_size not in (-1, comm.Get_size()) or rank not in (-1, comm.Get_rank()):
        raise RuntimeError(
            f"MPI knows {comm.Get_size()} process(es), and this one as rank {comm.Get_rank()}, but world_size is "
            f"{world_size} and rank {rank}. Start the program with `mpiexec -n {max(world_size, 1)} python ...`, or "
            "with `python -m glasstorch.distributed.run --mpi`; processes started in another way can use gloo."
        )
    return comm


class _Request(Work):
    """An MPI request. It moves on whenever somebody asks."""

    def __init__(self, request: Any, timeout: timedelta, algorithm: str, ranks: Sequence[int]) -> None:
        super().__init__()
        self.request, self.timeout, self.algorithm, self.ranks = request, timeout, algorithm, ranks

    def is_completed(self) -> bool:
        if not self._done.is_set():
            status = _mpi().Status()
            if self.request.Test(status):
                if status.Get_source() >= 0:
                    self.source = status.Get_source()
                self._finish()
        return self._done.is_set()

    def _await(self, seconds: float | None) -> bool:
        limit = self.timeout.total_seconds() if seconds is None else seconds
        deadline = time.monotonic() + limit
        looks, pause, gone, told = 0, 1e-6, None, time.monotonic() + _GRACE
        while not self.is_completed():
            looks += 1
            if looks > _EAGER_LOOKS:
                if time.monotonic() > deadline:
                    raise RuntimeError(
                        f"Timed out waiting {round(limit * 1000)}ms for an MPI operation to complete: not all "
                        "processes have called it"
                    )
                if time.monotonic() > told:
                    if gone is not None:
                        raise RuntimeError(f"{PEER_GONE}: rank {gone} has ended. Look at its output.")
                    gone, told = _farewells().gone(self.ranks), time.monotonic() + _GRACE
                pause = min(pause * 1.5, _LONGEST_PAUSE)
            time.sleep(pause if looks > _EAGER_LOOKS else 0)
        return True

    def get_future(self) -> Future:
        future = super().get_future()
        future._drive = self.wait
        return future


class MPIBackend(Transport):
    """The members of a group as an MPI communicator."""

    name = "mpi"

    def __init__(self, ranks: Sequence[int], rank: int, size: int, timeout: timedelta) -> None:
        super().__init__(rank, size, timeout)
        MPI = _mpi()
        everybody = MPI.COMM_WORLD
        self.ranks = [r for r in ranks if r != everybody.Get_rank()]
        self.comm = everybody.Create_group(everybody.Get_group().Incl(list(ranks)), tag=len(ranks))

    def _start(self, request: Any, what: str) -> Work:
        return _Request(request, self.timeout, f"MPI_{what}", self.ranks)

    def _reduction(self, a: Any, op: RedOpType) -> tuple[Any, Any, Callable[[], None]]:
        """What to hand to MPI for ``a``, the operation, and what to do with the result.

        MPI knows no half precision: such values are added in float32 and rounded once.
        """
        MPI = _mpi()
        if a.dtype.kind == "b":
            return a, getattr(MPI, _ON_BOOL[op]), lambda: None
        if (not dt.is_half(a) and a.dtype.itemsize > 2) or a.dtype.kind in "iu":
            return a, getattr(MPI, _OPERATIONS[op]), lambda: finish(op, a, self.size)
        wide = a.astype("c8" if a.dtype.itemsize == 4 else "f4")

        def narrow() -> None:
            finish(op, wide, self.size)
            a[...] = wide.astype(a.dtype)

        return wide, getattr(MPI, _OPERATIONS[op]), narrow

    def broadcast(self, a: Any, root: int) -> Work:
        return self._start(self.comm.Ibcast(_bytes(a), root), "Ibcast")

    def all_reduce(self, a: Any, op: RedOpType) -> Work:
        MPI = _mpi()
        values, how, then = self._reduction(a, op)
        work = self._start(self.comm.Iallreduce(MPI.IN_PLACE, values, how), "Iallreduce")
        work._then.append(then)
        return work

    def reduce(self, a: Any, root: int, op: RedOpType) -> Work:
        MPI = _mpi()
        values, how, then = self._reduction(a, op)
        if self.rank == root:
            work = self._start(self.comm.Ireduce(MPI.IN_PLACE, values, how, root), "Ireduce")
            work._then.append(then)
            return work
        return self._start(self.comm.Ireduce(values, None, how, root), "Ireduce")

    def all_gather(self, outs: Sequence[Any], a: Any) -> Work:
        xp = backends.namespace(a)
        whole = xp.empty((self.size, a.nbytes), "u1")
        work = self._start(self.comm.Iallgather(_bytes(a), whole), "Iallgather")
        work._then.append(lambda: _spread(whole, outs))
        return work

    def gather(self, outs: Sequence[Any] | None, a: Any, root: int) -> Work:
        if outs is None:
            return self._start(self.comm.Igather(_bytes(a), None, root), "Igather")
        whole = backends.namespace(a).empty((self.size, a.nbytes), "u1")
        work = self._start(self.comm.Igather(_bytes(a), whole, root), "Igather")
        work._then.append(lambda: _spread(whole, outs))
        return work

    def scatter(self, out: Any, arrays: Sequence[Any] | None, root: int) -> Work:
        whole = None
        if arrays is not None:
            whole = backends.namespace(out).stack([_bytes(a) for a in arrays])
        return self._start(self.comm.Iscatter(whole, _bytes(out), root), "Iscatter")

    def reduce_scatter(self, out: Any, arrays: Sequence[Any], op: RedOpType) -> Work:
        xp = backends.namespace(out)
        values, how, then = self._reduction(out, op)
        whole = xp.stack([a.reshape(-1) for a in arrays]).astype(values.dtype)
        request = self.comm.Ireduce_scatter_block(whole, values, how)
        work = self._start(request, "Ireduce_scatter_block")
        work._then.append(then)
        return work

    def all_to_all(self, outs: Sequence[Any], arrays: Sequence[Any]) -> Work:
        xp = backends.namespace(arrays[0])
        there = xp.concatenate([_bytes(a) for a in arrays])
        here = xp.empty(sum(o.nbytes for o in outs), "u1")
        sizes = [a.nbytes for a in arrays], [o.nbytes for o in outs]
        starts = [[sum(part[:k]) for k in range(self.size)] for part in sizes]
        MPI = _mpi()
        work = self._start(
            self.comm.Ialltoallv(
                [there, sizes[0], starts[0], MPI.BYTE], [here, sizes[1], starts[1], MPI.BYTE]
            ),
            "Ialltoallv",
        )

        def spread() -> None:
            for out, start, n in zip(outs, starts[1], sizes[1], strict=True):
                _bytes(out)[...] = here[start : start + n]

        work._then.append(spread)
        return work

    def barrier(self) -> Work:
        return self._start(self.comm.Ibarrier(), "Ibarrier")

    def send(self, a: Any, peer: int, tag: int) -> Work:
        return self._start(self.comm.Isend(_bytes(a), peer, tag), "Isend")

    def receive(self, a: Any, peer: int | None, tag: int) -> Work:
        source = _mpi().ANY_SOURCE if peer is None else peer
        return self._start(self.comm.Irecv(_bytes(a), source, tag), "Irecv")


def _bytes(a: Any) -> Any:
    """The memory of a contiguous array as bytes, which MPI moves whatever they mean."""
    return a.reshape(-1).view("u1")


def _spread(whole: Any, outs: Sequence[Any]) -> None:
    for row, out in zip(whole, outs, strict=True):
        _bytes(out)[...] = row
