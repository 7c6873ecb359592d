"""What a fresh child process of `glasstorch run` finds as `torch`: replaces itself with Glasstorch."""

import sys

from glasstorch.aliasing import install

del sys.modules[__name__]
install()
import torch  # noqa: E402, F401  (now answered by the alias finder)
