"""How long code takes: timed runs, their spread, and tables that set them side by side.

timer.py runs the code, measurement.py says what came of it, compare.py makes the table. PyTorch's counting of
instructions (Callgrind), its C++ snippets and its makers of random arguments (``Fuzzer``) are not here.
Source: https://pytorch.org/docs/stable/benchmark_utils.html
"""

from .compare import Colorize, Compare
from .measurement import (
    Measurement,
    TaskSpec,
    ordered_unique,
    select_unit,
    set_torch_threads,
    trim_sigfig,
    unit_to_english,
)
from .timer import Language, Timer, timer

__all__ = [
    "Colorize",
    "Compare",
    "Language",
    "Measurement",
    "TaskSpec",
    "Timer",
    "ordered_unique",
    "select_unit",
    "set_torch_threads",
    "timer",
    "trim_sigfig",
    "unit_to_english",
]
