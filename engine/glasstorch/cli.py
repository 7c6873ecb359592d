"""The `glasstorch` command: finds sub-commands by entry points, imports only the one asked for."""

from __future__ import annotations

import argparse
import ast
import difflib
import sys
from collections.abc import Sequence
from importlib.machinery import PathFinder
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version
from pathlib import Path

GROUP = "glasstorch.commands"
EXTRA_OF_PACKAGE = {"glasstorch_web": "web", "glasstorch_widgets": "lab"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one sub-command and return its exit status (2 for a mistake in the command line)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    commands = {entry.name: entry for entry in entry_points(group=GROUP)}
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(overview(commands))
        return 0
    name, *rest = arguments
    if name in ("-V", "--version"):
        print(f"glasstorch {installed_version()}")
        return 0
    if name not in commands:
        return fail(unknown_command(name, commands))
    entry = commands[name]
    try:
        command = entry.load()
    except ModuleNotFoundError as error:
        return fail(missing_module(entry, error))
    parser = argparse.ArgumentParser(prog=f"glasstorch {name}", description=command.__doc__)
    command.register(parser)
    parsed = parser.parse_args(rest)
    try:
        return int(parsed.run(parsed) or 0)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader (`head`, a pager) has gone; Python would complain again at exit
        sys.stdout = None  # type: ignore[assignment]
        return 141


def overview(commands: dict[str, EntryPoint]) -> str:
    """The text of `glasstorch --help`: every command with the first line of its module's docstring."""
    width = max((len(name) for name in commands), default=0)
    lines = [f"  {name:<{width}}  {summary(entry)}" for name, entry in sorted(commands.items())]
    return "\n".join(
        [
            "usage: glasstorch COMMAND [options]",
            "",
            "A torch you can see through.",
            "",
            "commands:",
            *lines,
            "",
            "`glasstorch COMMAND --help` says more; `glasstorch --version` tells the version.",
        ]
    )


def summary(entry: EntryPoint) -> str:
    """First line of the command module's docstring, read from its source so that nothing is imported."""
    source = source_file(entry.module)
    if source is None:
        return "(not installed)"
    docstring = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8")))
    return docstring.splitlines()[0] if docstring else ""


def source_file(module: str) -> Path | None:
    """Where a module's source lies, found without importing anything."""
    top, *parts = module.split(".")
    package = PathFinder.find_spec(top)
    folders = (package.submodule_search_locations if package else None) or []
    for folder in folders:
        stem = Path(folder, *parts)
        for candidate in (stem.with_suffix(".py"), stem / "__init__.py"):
            if candidate.is_file():
                return candidate
    return None


def unknown_command(name: str, commands: dict[str, EntryPoint]) -> str:
    near = difflib.get_close_matches(name, commands, n=1)
    hint = f" Did you mean `{near[0]}`?" if near else ""
    return f"there is no command `{name}`.{hint} The commands are: {', '.join(sorted(commands))}."


def missing_module(entry: EntryPoint, error: ModuleNotFoundError) -> str:
    package = entry.module.partition(".")[0]
    missing = error.name or str(error)
    extra = EXTRA_OF_PACKAGE.get(package)
    if extra is None or missing.partition(".")[0] == package:
        return f"`{entry.name}` cannot be loaded: {error}."
    remedy = f"pip install 'glasstorch[{extra}]'"
    return f"`{entry.name}` needs the module `{missing}`, which is not installed. Try: {remedy}"


def installed_version() -> str:
    try:
        return version("glasstorch")
    except PackageNotFoundError:
        return "(run from source, not installed)"


def fail(message: str) -> int:
    print(f"glasstorch: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
