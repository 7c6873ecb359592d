"""Ordinary programs do in a box what they do elsewhere, at every level; what cannot be had says what to do instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from glasstorch_web.grader import Grader, load_exercise

HERE = Path(__file__).parent
CORPUS = {path.stem: path.read_text() for path in sorted((HERE / "idioms").glob("*.py"))}
NOTEBOOK = "{line}\n\n\ndef answer():\n    return True\n"  # no Python, so no file of the corpus
CORPUS |= {
    line: "# says: SyntaxError on line 2\n" + NOTEBOOK.format(line=line)
    for line in ("!pip install tqdm", "%matplotlib inline")
}
LEVELS = {
    "strongest": {},
    "L2": {"cgroup": False, "namespaces": False},
    "L2 without files": {"cgroup": False, "namespaces": False, "landlock": False},
}
EXERCISE = {
    "exercise.toml": """
id = "idioms"
title = "Any program"
entry = "answer"
statement = "Whatever works."
tensors = true

[[check]]
id = "answer"
title = "It gives an answer"
points = 1
""",
    "statement.md": "Whatever works.",
    "starter.py": "",
    "solution.py": "def answer():\n    return True\n",
    "checks.py": "def check_answer(box, rng):\n    assert box.call('answer')\n",
}


def expected(source: str) -> list[str] | None:
    """What is said in place of an answer, part by part; None where there is an answer."""
    first = source.partition("\n")[0]
    return first.removeprefix("# says:").split(" ... ") if first.startswith("# says:") else None


@pytest.mark.parametrize(
    "level", [pytest.param(name, marks=pytest.mark.slow) if name == "L2" else name for name in LEVELS]
)
def test_ordinary_programs(tmp_path: Path, level: str) -> None:
    folder = tmp_path / "idioms"
    folder.mkdir()
    for name, text in EXERCISE.items():
        (folder / name).write_text(text)
    exercise, wrong = load_exercise(folder), {}
    with Grader(isolation=LEVELS[level]) as grader:
        for name, source in CORPUS.items():
            result = grader.grade(exercise, source)
            test = result["tests"][0]
            said = result["message"] if test["status"] == "skipped" else test["output"]
            parts = expected(source)
            fine = (
                test["status"] == "passed" if parts is None else all(part.strip() in said for part in parts)
            )
            if (
                not fine
                or (parts is not None and test["score"])
                or "Traceback" in said
                or str(HERE.parents[1]) in said
            ):
                wrong[name] = said or test["status"]
    assert not wrong, "\n".join(f"{name}: {said}" for name, said in wrong.items())


def test_corpus_is_large() -> None:
    assert sum(expected(source) is None for source in CORPUS.values()) >= 50
    assert sum(expected(source) is not None for source in CORPUS.values()) >= 12
