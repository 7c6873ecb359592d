"""The old name of ``glasstorch.distributed.run``.

It gives the program the argument ``--local-rank=N``, unless it is told to leave that to the environment
(``--use-env``), as ``run`` does.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence

from . import run
from .agent import LOCAL_RANK


def main(argv: Sequence[str] | None = None) -> int:
    """``run.main``, with a warning and the old argument."""
    warnings.warn(
        "The module torch.distributed.launch is deprecated and going to be removed in future. Use torchrun: "
        "python -m glasstorch.distributed.run. Programs read os.environ['LOCAL_RANK'].",
        FutureWarning,
        stacklevel=2,
    )
    parser = argparse.ArgumentParser(prog="python -m glasstorch.distributed.launch", description=__doc__)
    parser.add_argument("--use-env", "--use_env", action="store_true", help="no argument --local-rank")
    run.add_arguments(parser)
    options = parser.parse_args(argv)
    if not options.use_env:
        options.training_script_args.insert(0, f"--local-rank={LOCAL_RANK}")
    return run.run(options)


if __name__ == "__main__":
    sys.exit(main())
