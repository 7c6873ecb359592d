"""DistributedDataParallel in 2 and 4 processes gives what one process gives with all their data."""

from __future__ import annotations

import pytest
from support import jobs, ranks

CHECKS = ranks.names(jobs.PROGRAMS / "data_parallel.py")


JOBS = [("gloo", 2), ("gloo", 4), ("mpi", 2), ("mpi", 4)]


@pytest.fixture(scope="module", params=JOBS, ids=[f"{backend}-{n}" for backend, n in JOBS])
def outcomes(request) -> jobs.Outcomes:
    return jobs.outcomes(*request.param, "data_parallel")


@pytest.mark.parametrize("check", CHECKS)
def test_data_parallel(outcomes: jobs.Outcomes, check: str) -> None:
    outcomes.passed(check)
