"""The same checks on this machine, in a process of their own: for practice while the service is away."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LIMIT = 600.0  # seconds for the local grader, which limits the code itself


class NoGraderHere(Exception):
    """The local grader could not run; the message says why."""


def practise(exercise: str, source: str, language: str = "en") -> dict[str, Any]:
    """Run `glasstorch grade` on a source and return the result.

    Raises:
        NoGraderHere: it is not installed, does not know the exercise, took too long, or gave no result.
    """
    with tempfile.TemporaryDirectory(prefix="glasstorch-") as folder:
        path = Path(folder, "submission.py")
        path.write_text(source, encoding="utf-8", errors="replace")
        command = [sys.executable, "-m", "glasstorch.cli", "grade", exercise, str(path), "--json"]
        command += ["--lang", language] if language != "en" else []
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoGraderHere(str(error)) from None
    try:
        result = json.loads(done.stdout)
    except ValueError:
        result = None
    if not isinstance(result, dict) or "status" not in result:
        words = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise NoGraderHere(words[-1][:500])
    return result
