"""Each collective in jobs of 1, 2 and 4 processes, over TCP and over MPI (started by ``mpiexec``), against NumPy."""

from __future__ import annotations

import pytest
from support import jobs, ranks

CHECKS = ranks.names(jobs.PROGRAMS / "collectives.py")
JOBS = [("gloo", 1), ("gloo", 2), ("gloo", 4), ("mpi", 1), ("mpi", 2), ("mpi", 4)]


@pytest.fixture(scope="module", params=JOBS, ids=[f"{backend}-{n}" for backend, n in JOBS])
def outcomes(request) -> jobs.Outcomes:
    return jobs.outcomes(*request.param, "collectives")


@pytest.mark.parametrize("check", CHECKS)
def test_collective(outcomes: jobs.Outcomes, check: str) -> None:
    outcomes.passed(check)
