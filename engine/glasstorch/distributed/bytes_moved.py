"""How many bytes a collective has to move, where the library that does it does not tell.

The least by any algorithm, for each process of n: an all-reduce of S bytes must send and receive 2 (n - 1) / n S. It is
what bus bandwidths are computed from; see "Performance reported by NCCL tests",
https://github.com/NVIDIA/nccl-tests/blob/master/doc/PERFORMANCE.md
"""

from __future__ import annotations


def least(name: str, n: int, nbytes: int, output: int) -> tuple[int | None, int | None]:
    """Bytes sent and received by one of ``n`` processes that puts in ``nbytes``.

    ``output``: bytes of the tensor that a message fills. None where it depends on the algorithm or on the rank: in a
    tree, one process of a broadcast may send twice and another not at all.
    """
    if n == 1 or name == "barrier":
        return 0, 0
    if name == "all_reduce":
        each = 2 * (n - 1) * nbytes // n
    elif name.startswith("all_gather"):
        each = (n - 1) * nbytes
    elif name.startswith(("reduce_scatter", "all_to_all")):
        each = (n - 1) * nbytes // n
    elif name in ("send", "isend"):
        return nbytes, 0
    elif name in ("recv", "irecv"):
        return 0, output
    else:
        return None, None
    return each, each
