"""``torch.jit``: functions and modules as programs.

``trace`` watches a call and replays it. tracer.py watches, program.py is what is written down, emit.py the program as
Python on arrays, with its derivative, replay.py runs it as one node of the graph, results.py makes its results what
the code's are, tracing.py keeps a program for each kind of inputs, and compile.py with guards.py decides when one may
stand for the code. archive.py writes programs to files, and loaded.py runs them. ``script`` gives back what it is
given.
"""

from .archive import load, save
from .program import Program, Untraceable
from .script import (
    Final,
    Future,
    annotate,
    export,
    fork,
    freeze,
    ignore,
    is_scripting,
    isinstance,
    optimize_for_inference,
    script,
    script_if_tracing,
    unused,
    wait,
)
from .trace import ScriptFunction, ScriptModule, TracerWarning, is_tracing, trace, trace_module

__all__ = [
    "Final",
    "Future",
    "Program",
    "ScriptFunction",
    "ScriptModule",
    "TracerWarning",
    "Untraceable",
    "annotate",
    "export",
    "fork",
    "freeze",
    "ignore",
    "is_scripting",
    "is_tracing",
    "isinstance",
    "load",
    "optimize_for_inference",
    "save",
    "script",
    "script_if_tracing",
    "trace",
    "trace_module",
    "unused",
    "wait",
]
