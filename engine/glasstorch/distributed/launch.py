"""The old name of ``glasstorch.distributed.run``."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence

from . import run


def main(argv: Sequence[str] | None = None) -> int:
    """``run.main`` with a warning. Programs read LOCAL_RANK instead of the argument ``--local_rank``."""
    warnings.warn(
        "The module torch.distributed.launch is deprecated and going to be removed in future. Use torchrun: "
        "python -m glasstorch.distributed.run. Programs read os.environ['LOCAL_RANK'].",
        FutureWarning,
        stacklevel=2,
    )
    arguments = [a for a in (sys.argv[1:] if argv is None else argv) if a not in ("--use-env", "--use_env")]
    return run.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
