"""Jobs of several processes for the tests: start one, wait for it, read how its checks went."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / "tests/distributed/programs"
SECONDS = 180  # nothing here takes so long; a job that hangs does


def launcher(*options: str, processes: int) -> list[str]:
    """The beginning of a command line that starts a job on this machine."""
    return [
        sys.executable,
        "-m",
        "glasstorch.distributed.run",
        "--standalone",
        f"--nproc-per-node={processes}",
        *options,
    ]


def environment() -> dict[str, str]:
    """One thread for each process, and the engine of this checkout."""
    return {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT / "engine"),
    }


def run(command: list[str], **more: object) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=SECONDS, check=False, **more
    )


def start(command: list[str]) -> subprocess.Popen[str]:
    """Start a command, to be watched."""
    return subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def mpiexec() -> Path | str | None:
    """The command that starts processes of MPI; None where there is no MPI."""
    beside = Path(sys.executable).parent / "mpiexec"
    if importlib.util.find_spec("mpi4py") is None:
        return None
    return beside if beside.exists() else shutil.which("mpiexec")


def need_mpi() -> None:
    """Skip, saying why, where there is no MPI."""
    if mpiexec() is None:
        pytest.skip("needs mpi4py and mpiexec: pip install 'glasstorch[distributed]'")


class Outcomes:
    """How the checks of a program went in each process."""

    def __init__(self, files: list[Path], output: str) -> None:
        self.output = output
        self.by_rank = [json.loads(f.read_text()) if f.exists() else {} for f in files]

    def passed(self, check: str) -> None:
        """Fail unless a check went well in all processes."""
        for rank, outcomes in enumerate(self.by_rank):
            assert check in outcomes, f"rank {rank} did not come to {check}:\n{self.output[-3000:]}"
            assert not outcomes[check], f"rank {rank}:\n{outcomes[check]}"


@functools.cache
def _run_checks(processes: int) -> dict[tuple[str, str], Outcomes]:
    """Run all checks in one job; how they went, by backend and the name of their file."""
    with tempfile.TemporaryDirectory() as name:
        if mpiexec() is not None:
            backends, start = ["mpi", "gloo"], [str(mpiexec()), "-n", str(processes), sys.executable]
        else:
            backends, start = ["gloo"], launcher(processes=processes)
        done = run([*start, str(PROGRAMS / "checks.py"), name, *backends])
        return {
            (backend, module): Outcomes(
                [Path(name) / f"{backend}-{module}-{r}.json" for r in range(processes)],
                done.stdout + done.stderr,
            )
            for backend in backends
            for module in ("collectives", "data_parallel")
        }


def outcomes(backend: str, processes: int, module: str) -> Outcomes:
    """How the checks of a file went over a backend, in so many processes."""
    if backend == "mpi":
        need_mpi()
    return _run_checks(processes)[backend, module]
