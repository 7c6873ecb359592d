"""One mpiexec for several machines, without a remote shell: each launcher starts its own machine's part.

mpiexec runs on the first machine. What it would start on each one through ssh, a proxy that starts the processes there,
it prints as a command line instead (``-launcher manual`` of MPICH's Hydra); the launchers meet at a store anyway, so
the first one hands out the lines there, and in the end says what came of the job.
Source: https://github.com/pmodels/mpich/blob/main/doc/wiki/how_to/Using_the_Hydra_Process_Manager.md
"""

from __future__ import annotations

import contextlib
import shlex
import shutil
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import IO

from .tcp_store import TCPStore

_LINE, _END = b"HYDRA_LAUNCH: ", b"HYDRA_LAUNCH_END"
GOODBYE = 5.0  # seconds in which machines that live have heard how the job has ended
PATIENCE = timedelta(
    seconds=20
)  # for the first machine to say how the job has ended, once a machine's part is over


class NoParts(Exception):
    """This mpiexec does not leave its proxies to others; the message says so."""


def command(mpiexec: str, addresses: Sequence[str], per_node: int) -> list[str]:
    """The beginning of the first machine's command line; the program follows."""
    return [mpiexec, "-launcher", "manual", "-localhost", addresses[0], "-hosts", ",".join(addresses),
            "-ppn", str(per_node), "-n", str(per_node * len(addresses))]  # fmt: skip


def introduce(store: TCPStore, attempt: str, node: int, nodes: int, address: str) -> list[str]:
    """Tell the others one's address; those of all machines, in their order."""
    store.set(f"mpi {attempt} address {node}", address)
    return [store.get(f"mpi {attempt} address {k}").decode() for k in range(nodes)]


def hand_out(store: TCPStore, attempt: str, output: IO[bytes]) -> None:
    """Read the command lines that mpiexec prints, and leave each where its machine looks for it.

    Raises:
        NoParts: mpiexec printed none.
    """
    parts = []
    for line in iter(output.readline, b""):
        if line.startswith(_END):
            break
        if line.startswith(_LINE):
            parts.append(line.removeprefix(_LINE).strip())
    else:
        raise NoParts("--mpi on several machines needs MPICH's mpiexec: pip install mpich")
    for k, part in enumerate(parts):
        store.set(f"mpi {attempt} part {k}", part)


def part(store: TCPStore, attempt: str, node: int) -> list[str]:
    """The command line of a machine's part, with the proxy that is installed there. Waits for it."""
    words = shlex.split(store.get(f"mpi {attempt} part {node}").decode())
    name = Path(words[0]).name
    beside = Path(sys.executable).parent / name
    return [str(beside) if beside.exists() else shutil.which(name) or words[0], *words[1:]]


def say_end(store: TCPStore, attempt: str, status: int, others: int) -> None:
    """Tell the other machines the job's exit status; wait until they know, since the store ends with this launcher."""
    store.set(f"mpi {attempt} end", str(status))
    deadline = time.monotonic() + GOODBYE
    while store.add(f"mpi {attempt} heard", 0) < others and time.monotonic() < deadline:
        time.sleep(0.05)


def end(store: TCPStore, attempt: str) -> int:
    """The exit status that the first machine told; 1 when it says nothing any more."""
    try:
        store.wait([f"mpi {attempt} end"], PATIENCE)
        status = int(store.get(f"mpi {attempt} end"))
    except RuntimeError:
        return 1
    with contextlib.suppress(RuntimeError):  # the first machine need not wait any longer
        store.add(f"mpi {attempt} heard", 1)
    return status


def pass_on(output: IO[bytes]) -> None:
    """Show what the processes print."""
    for line in iter(output.readline, b""):
        sys.stdout.write(line.decode(errors="replace"))
        sys.stdout.flush()
