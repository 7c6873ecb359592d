"""Show what is here: versions, devices, and which extras are installed."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any


def register(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    facts = collect()
    print(json.dumps(facts, indent=2) if options.json else as_text(facts))
    return 0


def collect() -> dict[str, Any]:
    """Everything `glasstorch info` prints, as plain JSON-able values."""
    return {
        "glasstorch": installed("glasstorch"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "numpy": installed("numpy"),
        "devices": ["cpu", *gpus()],
        "extras": extras(),
    }


def gpus() -> list[str]:
    """CUDA devices that CuPy can use, e.g. `cuda:0 (NVIDIA H200)`; none without CuPy or a driver."""
    try:
        import cupy

        count = cupy.cuda.runtime.getDeviceCount()
    except Exception:  # no CuPy, no driver, a driver too old: each raises its own kind, all mean "no GPU"
        return []
    names = (cupy.cuda.runtime.getDeviceProperties(i)["name"].decode() for i in range(count))
    return [f"cuda:{i} ({name})" for i, name in enumerate(names)]


def extras() -> dict[str, dict[str, str | None]]:
    """For each extra of this distribution: its packages and their installed versions (None: missing)."""
    found: dict[str, dict[str, str | None]] = {}
    try:
        requirements = requires("glasstorch") or []
    except PackageNotFoundError:
        return {}
    for requirement in requirements:
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)['\"]", requirement)
        name = re.match(r"[\w.-]+", requirement)
        if extra and name:
            found.setdefault(extra[1], {})[name[0]] = installed(name[0])
    return found


def installed(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def as_text(facts: dict[str, Any]) -> str:
    lines = [f"{key:<11} {facts[key]}" for key in ("glasstorch", "python", "platform", "cpus", "numpy")]
    lines.append(f"{'devices':<11} {', '.join(facts['devices'])}")
    lines.append("extras:")
    for extra, packages in facts["extras"].items():
        missing = [name for name, found in packages.items() if found is None]
        state = f"missing {', '.join(missing)}" if missing else "installed"
        lines.append(f"  {extra:<11} {state}")
    return "\n".join(lines)
