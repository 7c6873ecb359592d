"""``python -m glasstorch.utils.bottleneck``: run a script under two profilers and print what they saw."""

# ruff: noqa: T201  (a program: it prints)
from __future__ import annotations

import argparse
import cProfile
import os
import platform
import pstats
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

import glasstorch
from glasstorch.aliasing import frames_below_runpy, install
from glasstorch.autograd import profiler
from glasstorch.backends import gpu_clock

ROWS = 15


def _title(text: str) -> str:
    rule = "-" * 80
    return f"{rule}\n  {text}\n{rule}"


def environment() -> str:
    """What the figures depend on."""
    gpu = "a GPU through CuPy" if gpu_clock.available() else "no GPU"
    return (
        f"{_title('Environment Summary')}\n"
        f"Glasstorch {glasstorch.__version__} with {gpu}, {glasstorch.get_num_threads()} thread(s)\n"
        f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.platform()}, "
        f"{os.cpu_count()} processors"
    )


def run_script(script: Path, arguments: list[str]) -> None:
    """The script as ``__main__``; a script that calls ``sys.exit`` has simply ended."""
    sys.argv = [str(script), *arguments]
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as end:
        if end.code not in (None, 0):
            print(f"The script ended with exit status {end.code}.", file=sys.stderr)


def cprofile_summary(run: Callable[[], Any]) -> None:
    """Python's own profiler: which functions, whatever they do."""
    profile = cProfile.Profile()
    profile.runcall(run)
    print(_title("cProfile output"))
    pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(ROWS)


def autograd_summary(run: Callable[[], Any]) -> None:
    """The engine's profiler: which operations took longest, one call a row."""
    device = "cuda" if gpu_clock.available() else None
    with profiler.profile(use_device=device) as prof:
        run()
    order = "device_time_total" if device else "cpu_time_total"
    print(_title(f"autograd profiler output ({'CUDA' if device else 'CPU'} mode)"))
    print(f"        top {ROWS} events sorted by {order}\n")
    print(prof.function_events.table(sort_by=order, row_limit=ROWS, top_level_events_only=False))


def _from_script(trace: TracebackType | None) -> TracebackType | None:
    """A traceback without the frames of this module and of cProfile."""
    while trace is not None and trace.tb_frame.f_code.co_filename in (__file__, cProfile.__file__):
        trace = trace.tb_next
    return trace


def main(given: list[str] | None = None) -> int:
    """Run the command; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m glasstorch.utils.bottleneck",
        description="Run a script under cProfile and under the autograd profiler; print what took long.",
    )
    parser.add_argument(
        "script", type=Path, help="the program to look at; its imports of torch mean Glasstorch"
    )
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="handed to the script as they are")
    options = parser.parse_args(given)
    if not options.script.is_file():
        print(f"{options.script} is no file. Give the path of a Python script.", file=sys.stderr)
        return 2
    install()
    sys.path[0] = str(options.script.resolve().parent)

    def run() -> None:
        run_script(options.script, options.arguments)

    print(environment())
    try:
        print("Running your script with cProfile")
        cprofile_summary(run)
        print("Running your script with the autograd profiler...")
        autograd_summary(run)
    except Exception as error:
        error.__traceback__ = frames_below_runpy(_from_script(error.__traceback__))
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
