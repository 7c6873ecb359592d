"""DistributedDataParallel in two processes gives what one process gives with both batches."""

from __future__ import annotations

import pytest
from support import jobs, ranks

CHECKS = ranks.names(jobs.PROGRAMS / "data_parallel.py")


@pytest.fixture(scope="module", params=["gloo", "mpi"])
def outcomes(request) -> jobs.Outcomes:
    return jobs.outcomes(request.param, 2)["data_parallel"]


@pytest.mark.parametrize("check", CHECKS)
def test_data_parallel(outcomes: jobs.Outcomes, check: str) -> None:
    outcomes.passed(check)
