"""The beginning of a process that the launcher handed to ``mpiexec``: its environment, then the program.

mpi4py's runner runs the program, and ends all processes when an error or another exit code than 0 ends this one.
"""

from __future__ import annotations

import os
import sys

from .agent import end_with_parent

PREFIX = "GLASSTORCH_"
_RANK_VARIABLES = ("PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK")


def main() -> None:
    """Run the program that ``sys.argv`` names."""
    end_with_parent()  # mpiexec's proxy does not end its processes when it is killed
    rank = next(os.environ[name] for name in _RANK_VARIABLES if name in os.environ)
    for name in [n for n in os.environ if n.startswith(PREFIX)]:
        os.environ[name.removeprefix(PREFIX)] = os.environ.pop(name)
    node, local_rank = divmod(int(rank), int(os.environ["LOCAL_WORLD_SIZE"]))
    os.environ |= {"RANK": rank, "ROLE_RANK": rank, "LOCAL_RANK": str(local_rank), "GROUP_RANK": str(node)}
    sys.argv = [argument.replace("${local_rank}", str(local_rank)) for argument in sys.argv]
    import mpi4py.MPI  # noqa: F401  MPI must have begun to be able to end the others
    from mpi4py import run

    run.main()


if __name__ == "__main__":
    main()
