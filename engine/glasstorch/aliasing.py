"""Run a PyTorch script unchanged: its imports of torch and torchvision are answered by Glasstorch.

`install()` puts a finder in front of Python's own, so that `torch.nn.functional` *is*
`glasstorch.nn.functional` (the same module object, hence the same classes), whether or not PyTorch is
installed. `glasstorch run` also puts the folder `aliases/` on the path, where a child process that
starts afresh (a DataLoader worker under `spawn` or `forkserver`, a `subprocess`) finds the same answer.
"""

from __future__ import annotations

import argparse
import builtins
import importlib
import io
import os
import runpy
import sys
from collections.abc import Sequence
from importlib.abc import InspectLoader, Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, ModuleType, TracebackType

ALIASES = {"torch": "glasstorch", "torchvision": "glasstorch.vision"}
ALIAS_FOLDER = Path(__file__).with_name("aliases")


def real_name(name: str) -> str | None:
    """The module that answers for `name`, or None when `name` is none of ours."""
    top, dot, rest = name.partition(".")
    return ALIASES[top] + dot + rest if top in ALIASES else None


class AliasFinder(MetaPathFinder):
    """Finds `torch...` and `torchvision...`; never lets them fall through to an installed PyTorch."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        real = real_name(fullname)
        if real is None:
            return None
        found = find_spec(real)
        if found is None:
            raise ModuleNotFoundError(
                f"No module named {fullname!r}: Glasstorch has no {real!r} to stand in for it", name=fullname
            )
        package = found.submodule_search_locations is not None
        return ModuleSpec(fullname, AliasLoader(real), is_package=package)


class AliasLoader(Loader):
    """Hands out a module that exists under another name, leaving its own identity untouched."""

    def __init__(self, real: str) -> None:
        self.real = real

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(self.real)
        self.own_spec = module.__spec__
        return module

    def get_code(self, fullname: str) -> CodeType | None:
        """What `python -m torch.distributed.run` runs."""
        found = find_spec(self.real)
        return found.loader.get_code(self.real) if found and isinstance(found.loader, InspectLoader) else None

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.own_spec  # the import system has just overwritten it with the alias's


def install() -> None:
    """Answer imports of torch and torchvision in this process with Glasstorch.

    Raises:
        RuntimeError: PyTorch itself has been imported already; two sets of classes would mix.
    """
    for alias, real in ALIASES.items():
        loaded = sys.modules.get(alias)
        if loaded is not None and loaded.__name__ != real:
            raise RuntimeError(
                f"{alias!r} is already imported from {loaded.__file__}; "
                "call glasstorch.aliasing.install() before the first import of torch"
            )
    if not any(isinstance(finder, AliasFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, AliasFinder())


def register(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-m", dest="as_module", action="store_true", help="SCRIPT is a module's dotted name")
    parser.add_argument("script", help="the PyTorch script to run")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="handed to the script as they are")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the script as `__main__`, as `python script.py ...` would."""
    script = Path(options.script)
    if not options.as_module and not script.is_file():
        reason = "is a folder" if script.is_dir() else "does not exist"
        print(f"glasstorch run: {options.script} {reason}.", file=sys.stderr)
        return 2
    install()
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ALIAS_FOLDER), *([inherited] if inherited else [])])
    if not sys.flags.safe_path:
        del sys.path[0]  # the folder of the `glasstorch` command itself
    sys.path[0:0] = [str(Path.cwd() if options.as_module else script.resolve().parent), str(ALIAS_FOLDER)]
    sys.argv = [options.script, *options.arguments]
    try:
        if options.as_module:
            runpy.run_module(options.script, run_name="__main__", alter_sys=True)
        else:
            run_script(script)
    except Exception as error:
        error.__traceback__ = frames_below_runpy(error.__traceback__)
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    return 0


def run_script(script: Path) -> None:
    """Run a file as `__main__`, known like Python's own by its absolute path; `sys.argv[0]` stays as it was typed.

    (`runpy.run_path` has one name for both.)
    """
    path = str(script.absolute())
    main = ModuleType("__main__")
    main.__dict__.update(__builtins__=builtins, __file__=path, __cached__=None, __annotations__={})
    main.__loader__ = SourceFileLoader("__main__", path)
    with io.open_code(path) as file:
        code = compile(file.read(), path, "exec", dont_inherit=True)
    sys.modules["__main__"] = main
    exec(code, main.__dict__)


def frames_below_runpy(trace: TracebackType | None) -> TracebackType | None:
    """The script's own frames: what Python would show had it run the script itself."""
    ours = {__file__, runpy.__file__, f"<frozen {runpy.__name__}>"}
    while trace is not None and trace.tb_frame.f_code.co_filename in ours:
        trace = trace.tb_next
    return trace
