"""What the launcher does on one machine: start the processes, watch them, end them, start them again."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from . import mpi_hosts
from .elastic.multiprocessing.errors import ERROR_FILE, ChildFailedError, ProcessFailure
from .errors import DistNetworkError
from .tcp_store import TCPStore

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
LOCAL_RANK = "${local_rank}"  # in a command line: each process's own
SIGNALS = "SIGTERM,SIGINT,SIGHUP,SIGQUIT"  # which end the launcher and all that it started


@dataclass
class Layout:
    """Which processes there are: so many machines with so many each, and who is rank 0."""

    nodes: int
    per_node: int
    node_rank: int
    master_addr: str
    master_port: int

    def environment(self, local_rank: int) -> dict[str, str]:
        """What a process reads to know its place."""
        rank, size = self.node_rank * self.per_node + local_rank, self.nodes * self.per_node
        values: dict[str, object] = {
            "LOCAL_RANK": local_rank, "RANK": rank, "GROUP_RANK": self.node_rank, "ROLE_RANK": rank,
            "LOCAL_WORLD_SIZE": self.per_node, "WORLD_SIZE": size, "GROUP_WORLD_SIZE": self.nodes,
            "ROLE_WORLD_SIZE": size, "MASTER_ADDR": self.master_addr, "MASTER_PORT": self.master_port,
        }  # fmt: skip
        return {name: str(value) for name, value in values.items()}


@dataclass
class Output:
    """Where the processes print."""

    folder: str | None
    redirects: dict[int, int]  # bits by local rank: 1 stdout, 2 stderr
    tee: dict[int, int]
    shown: list[int]  # the local ranks whose output is seen on the screen
    role: str


@dataclass
class Job:
    """The processes of this machine."""

    command: list[str]
    layout: Layout
    output: Output
    run_id: str
    max_restarts: int
    interval: float
    patience: float
    name: str
    mpi: bool = False
    signals: str = SIGNALS
    virtual_local_rank: bool = False
    store: TCPStore | None = None  # where the launchers have met
    processes: list[subprocess.Popen] = field(default_factory=list)
    attempt: str = "0"
    proxies: list[subprocess.Popen] = field(default_factory=list)  # they start what mpiexec says
    readers: list[threading.Thread] = field(default_factory=list)
    error_files: list[str] = field(default_factory=list)

    # ------------------------------------------------------------------ the course of things
    def run(self) -> None:
        """Start the processes and wait for them; ChildFailedError when one fails once too often."""
        environment = self._environment()
        with tempfile.TemporaryDirectory(prefix="glasstorch-run-") as temporary:
            base = Path(self.output.folder or temporary)
            folder = base / f"{self.run_id}_{datetime.now():%Y%m%d_%H%M%S}_{os.getpid()}"
            for attempt in range(self.max_restarts + 1):
                self.attempt = environment["TORCHELASTIC_RESTART_COUNT"] = str(attempt)
                self._start(environment, folder / f"attempt_{attempt}")
                failures = self._watch()
                self.stop()
                if self.mpi and self.store is not None and self.layout.node_rank == 0:
                    mpi_hosts.say_end(self.store, self.attempt, int(bool(failures)), self.layout.nodes - 1)
                if not failures:
                    return
                error = ChildFailedError(self.name, failures)
                if attempt == self.max_restarts:
                    raise error
                rank, failure = error.get_first_failure()
                say(f"Rank {rank} failed with exit code {failure.exitcode}; starting all again, restart "
                    f"{attempt + 1} of {self.max_restarts}")  # fmt: skip

    def _environment(self) -> dict[str, str]:
        environment = dict(os.environ)
        if "OMP_NUM_THREADS" not in environment and self.layout.per_node > 1:
            environment["OMP_NUM_THREADS"] = "1"
            stars = "*" * 41
            say(stars)
            say("Setting OMP_NUM_THREADS environment variable for each process to be 1 in default, to avoid your "
                "system being overloaded, please further tune the variable for optimal performance in your "
                "application as needed. ")  # fmt: skip
            say(stars)
        # Whose absence lets NCCL wait for ever in PyTorch; a script may read it.
        environment.setdefault("TORCH_NCCL_ASYNC_ERROR_HANDLING", "1")
        return environment | {
            "TORCHELASTIC_SIGNALS_TO_HANDLE": self.signals,
            "TORCHELASTIC_RUN_ID": self.run_id,
            "TORCHELASTIC_MAX_RESTARTS": str(self.max_restarts),
            "TORCHELASTIC_USE_AGENT_STORE": "False",
            "ROLE_NAME": self.output.role,
        }

    def _start(self, environment: dict[str, str], folder: Path) -> None:
        self.processes, self.proxies, self.readers, self.error_files = [], [], [], []
        if self.mpi:
            self._start_mpi(environment, folder)
            return
        for k in range(self.layout.per_node):
            place = folder / str(k)
            place.mkdir(parents=True, exist_ok=True)
            self.error_files.append(str(place / "error.json"))
            own = environment | self.layout.environment(k) | {ERROR_FILE: self.error_files[-1]}
            if self.virtual_local_rank:
                own |= {"LOCAL_RANK": "0", "CUDA_VISIBLE_DEVICES": _own_gpu(k)}
            self._popen([part.replace(LOCAL_RANK, str(k)) for part in self.command], own, k, place)

    def _start_mpi(self, environment: dict[str, str], folder: Path) -> None:
        """All processes by one mpiexec, which ends the others when one fails; each finds its own place from MPI."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.command[0] == sys.executable:
            start = [sys.executable, "-u", "-m", "glasstorch.distributed.mpi_start", *self.command[2:]]
        self.error_files.append(str(folder / "error.json"))
        own = environment | {
            f"GLASSTORCH_{name}": value for name, value in self.layout.environment(0).items()
        }
        own |= {ERROR_FILE: self.error_files[-1]}
        own.pop("PYTHONSAFEPATH", None)
        if self.layout.nodes == 1:
            self._popen([mpiexec(), "-n", str(self.layout.per_node), *start], own, 0, folder)
            return
        try:
            self._start_part(start, own, folder)
        except (RuntimeError, mpi_hosts.NoParts) as error:
            raise SystemExit(f"distributed.run: {error}") from None

    def _start_part(self, start: list[str], own: dict[str, str], folder: Path) -> None:
        """This machine's part of a job for one mpiexec, which runs on the first."""
        assert self.store is not None
        node, attempt = self.layout.node_rank, self.attempt
        address = self.layout.master_addr if node == 0 else self.store.local_address
        addresses = mpi_hosts.introduce(self.store, attempt, node, self.layout.nodes, address)
        if node == 0:
            whole = subprocess.Popen(
                [*mpi_hosts.command(mpiexec(), addresses, self.layout.per_node), *start],
                env=own, stdout=subprocess.PIPE, preexec_fn=end_with_parent,
            )  # fmt: skip
            self.processes.append(whole)
            assert whole.stdout is not None
            mpi_hosts.hand_out(self.store, attempt, whole.stdout)
            reader = threading.Thread(target=mpi_hosts.pass_on, args=(whole.stdout,), daemon=True)
            reader.start()
            self.readers.append(reader)
        self._popen(mpi_hosts.part(self.store, attempt, node), own, 0, folder)
        if node == 0:
            self.proxies.append(self.processes.pop())

    # ------------------------------------------------------------------ processes
    def _popen(self, command: list[str], environment: dict[str, str], k: int, place: Path) -> None:
        redirect, tee = self.output.redirects.get(k, 0), self.output.tee.get(k, 0)
        targets: list[Any] = []
        for bit, name in ((1, "stdout"), (2, "stderr")):
            hidden = k not in self.output.shown
            if (tee & bit) and not hidden:
                targets.append(subprocess.PIPE)
            elif (tee | redirect) & bit:
                targets.append(open(place / f"{name}.log", "wb"))  # noqa: SIM115  (closed below)
            else:
                targets.append(subprocess.DEVNULL if hidden else None)
        try:
            process = subprocess.Popen(
                command, env=environment, stdout=targets[0], stderr=targets[1], preexec_fn=end_with_parent
            )
        except OSError as error:
            raise SystemExit(f"distributed.run: {command[0]} cannot be started: {error}") from None
        finally:
            for target in targets:
                if hasattr(target, "close"):
                    target.close()
        self.processes.append(process)
        for pipe, name, screen in (
            (process.stdout, "stdout", sys.stdout),
            (process.stderr, "stderr", sys.stderr),
        ):
            if pipe is not None:
                reader = threading.Thread(
                    target=_tee,
                    args=(pipe, place / f"{name}.log", screen, f"[{self.output.role}{k}]:"),
                    daemon=True,
                )
                reader.start()
                self.readers.append(reader)

    def _watch(self) -> dict[int, ProcessFailure]:
        """Wait until all have ended well, or one has not."""
        while True:
            codes = [p.poll() for p in self.processes]
            if any(codes):
                time.sleep(self.interval)  # others that failed in the same moment belong into the report
                return self._failures()
            if None not in codes:
                return self._failures(elsewhere=True) if self._failed_elsewhere() else {}
            time.sleep(self.interval)

    def _failed_elsewhere(self) -> bool:
        """Has a job of several machines failed, though this machine's part of it ended well?"""
        if not self.mpi or self.store is None or self.layout.node_rank == 0:
            return False
        return bool(mpi_hosts.end(self.store, self.attempt))

    def _failures(self, elsewhere: bool = False) -> dict[int, ProcessFailure]:
        first = -1 if self.mpi else self.layout.node_rank * self.layout.per_node
        kept = self.output.folder is not None
        return {
            first + k: ProcessFailure(k, first + k, p.pid, p.returncode or 1, self.error_files[k], kept)
            for k, p in enumerate(self.processes)
            if p.poll() or elsewhere
        }

    def stop(self) -> None:
        """End what still runs: politely, and after a while not."""
        running = [p for p in (*self.processes, *self.proxies) if p.poll() is None]
        for p in running:
            p.terminate()
        deadline = time.monotonic() + self.patience
        for p in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                p.wait(max(deadline - time.monotonic(), 0))
        for p in running:
            if p.poll() is None:
                p.kill()
                p.wait()
        for reader in self.readers:
            reader.join(1)


def _own_gpu(k: int) -> str:
    """The GPU of local rank k, among those that the launcher may see."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return str(k)
    gpus = visible.split(",")
    if k >= len(gpus):
        raise ValueError(f"local_rank {k} exceeds available GPUs in CUDA_VISIBLE_DEVICES={visible}")
    return gpus[k].strip()


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent() -> None:
    """In a new process: be ended by the system when the process that started it is gone."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _tee(pipe: IO[bytes], path: Path, screen: Any, prefix: str) -> None:
    with path.open("wb") as log, pipe:
        for line in iter(pipe.readline, b""):
            log.write(line)
            log.flush()
            screen.write(prefix + line.decode(errors="replace"))
            screen.flush()


def say(text: str) -> None:
    """A warning in the form in which torchrun writes its own."""
    now = datetime.now()
    head = f"W{now:%m%d %H:%M:%S}.{now.microsecond:06d} {os.getpid()} torch/distributed/run.py]"
    print(head, text, file=sys.stderr)  # noqa: T201


# ---------------------------------------------------------------------- where to meet
def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as s:
        s.bind(("localhost", 0))
        return s.getsockname()[1]


def meet_nodes(
    least: int,
    most: int,
    per_node: int,
    endpoint: str,
    local_addr: str | None,
    seconds: float,
    last_call: float,
) -> tuple[Layout, TCPStore]:
    """Meet the other machines at an address: node ranks in the order of arrival, rank 0's machine says where to meet.

    The store is to be kept as long as the launcher runs, for machines that come late to learn so.

    The machine that has the address serves the meeting. When ``least`` are there, it waits ``last_call`` seconds for
    more, up to ``most``.
    """
    host, _, port = endpoint.partition(":")
    try:
        number, timeout = int(port or 29400), timedelta(seconds=seconds)
    except ValueError:
        raise ValueError(f"--rdzv-endpoint {endpoint} is not of the form host:port") from None
    try:
        try:
            store = TCPStore(
                host, number, is_master=_is_this_machine(host), timeout=timeout, wait_for_workers=False
            )
        except DistNetworkError:
            if not _is_this_machine(host):
                raise
            store = TCPStore(host, number, timeout=timeout)  # another launcher on this machine serves already
        node = store.add("nodes", 1) - 1
        if node >= most or (store.check(["nodes taken"]) and node >= int(store.get("nodes taken"))):
            raise ValueError(f"the job at {endpoint} has all its machines already")
        if node == 0:
            own = local_addr or (host if _is_this_machine(host) else store.local_address)
            store.set("master", f"{own}:{free_port()}")
        address, _, master_port = store.get("master").decode().rpartition(":")
        store.add("arrived", 1)
        nodes = _wait_for_nodes(store, node, least, most, seconds, last_call)
        if node >= nodes:
            raise ValueError(f"the job at {endpoint} has all its machines already")
    except DistNetworkError as error:
        raise ValueError(str(error)) from None
    return Layout(nodes, per_node, node, address, int(master_port)), store


def _wait_for_nodes(
    store: TCPStore, node: int, least: int, most: int, seconds: float, last_call: float
) -> int:
    """How many machines take part: node 0 counts those that have come, and tells the others."""
    deadline = time.monotonic() + seconds
    enough = None  # when there were
    while not store.check(["nodes taken"]):
        now, there = time.monotonic(), store.add("arrived", 0)
        if there >= least and enough is None:
            enough = now
        if node == 0 and (there >= most or (enough is not None and now > enough + last_call)):
            store.set("nodes taken", str(there))
        elif enough is None and now > deadline:
            raise ValueError(f"not all of the {least} machines came within {seconds:.0f} seconds")
        else:
            time.sleep(0.1)
    return int(store.get("nodes taken"))


def _is_this_machine(host: str) -> bool:
    try:
        with socket.socket() as s:
            s.bind((socket.gethostbyname(host), 0))
    except OSError:
        return False
    return True


# ---------------------------------------------------------------------- mpiexec
def mpiexec() -> str:
    """The mpiexec that goes with mpi4py: beside this Python, or the system's."""
    beside = Path(sys.executable).parent / "mpiexec"
    found = str(beside) if beside.exists() else shutil.which("mpiexec")
    if found is None or importlib.util.find_spec("mpi4py") is None:
        raise SystemExit(
            "distributed.run: --mpi needs mpiexec and mpi4py: pip install 'glasstorch[distributed]'"
        )
    return found
