"""The proof that an exercise is right: everything that can be tried is tried through the real grader."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from glasstorch_web.grader import Grader
from glasstorch_web.grader.author_code import drawn, filled
from glasstorch_web.grader.authoring import taught
from glasstorch_web.grader.authoring.mutations import mutants
from glasstorch_web.grader.authoring.replay import Memory
from glasstorch_web.grader.exercises import MOST_HINTS, Exercise, ExerciseError
from glasstorch_web.grader.result import Result
from glasstorch_web.sandbox.limits import Limits

SEEDS = (1, 2, 3)
MUTANTS = 16
STOPPED_SHOWN = 12
_EXPECT = re.compile(r"# expect: ([a-z0-9._\-]+): (.+)")


@dataclass(frozen=True)
class Finding:
    """Something about an exercise: an error must be mended, a warning should be, a note is worth a look. `about`: the
    part or the check.
    """

    level: Literal["error", "warning", "note"]
    about: str
    message: str


@dataclass
class Proof:
    """What trying an exercise out came to.

    figures: cpu_share, memory_share, wall_share (of the limits, 0 to 1, for the solution), cpu_seconds, memory_mb,
    wall_seconds; wrong (wrong answers tried); mutants, caught (mistakes made in the solution, and noticed).
    """

    exercise: str
    findings: list[Finding] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not any(finding.level == "error" for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        return {"ok": self.ok, **dataclasses.asdict(self)}


def prove(exercise: Exercise, grader: Grader, *, seeds: Sequence[int] = SEEDS, most: int = MUTANTS) -> Proof:
    """Try an exercise out.

    Args:
        seeds: the runs of the solution and of every wrong answer; two or more.
        most: how many mistakes to make in the solution.

    Raises:
        ExerciseError: its checks.py cannot be run. SandboxError: nothing can be graded here.
    """
    return _Proving(exercise, grader, tuple(seeds), most).proof()


class _Proving:
    def __init__(self, exercise: Exercise, grader: Grader, seeds: tuple[int, ...], most: int) -> None:
        self.exercise = exercise
        self.grader = grader
        self.seeds = seeds
        self.most = most
        self.made = Proof(exercise.id)
        self.failing: set[str] = set()  # checks that some wrong answer or mutant has failed
        self.translation = exercise.folder / "exercise.zh.toml"
        self.english: set[str] = set()  # what Chinese learners are told in English, but for its numbers
        self.hidden = {check.id for check in exercise.checks if check.hidden}

    def proof(self) -> Proof:
        self.texts()
        self.starter()
        self.edition()
        if self.solution():
            self.memorised()
            self.wrong_answers()
            self.mutated()
            self.every_check_can_fail()
        self.taught()
        return self.made

    def error(self, about: str, message: str) -> None:
        self._find(Finding("error", about, message))

    def warning(self, about: str, message: str) -> None:
        self._find(Finding("warning", about, message))

    def note(self, about: str, message: str) -> None:
        self._find(Finding("note", about, message))

    def _find(self, finding: Finding) -> None:
        if finding not in self.made.findings:
            self.made.findings.append(finding)

    def grade(self, source: str, seed: int, limits: Limits | None = None, **more: Any) -> Result:
        exercise = dataclasses.replace(self.exercise, limits=limits or self.exercise.limits)
        learner = self.learner(seed)
        text = filled(source, drawn(self.exercise, learner))
        result = self.grader.grade(exercise, text, seed=seed, learner=learner, **more)
        for test in result["tests"]:
            if test["visibility"] == "hidden" and (test["detail"] is not None or len(test["output"]) > 160):
                self.error(
                    test["id"], "is hidden, and its message tells more than what kind of mistake it is"
                )
        return result

    def in_chinese(self, result: Result) -> None:
        """Warn of what a verdict tells in English although the exercise has Chinese."""
        if not self.translation.exists():
            return
        from glasstorch_web.services.texts import left_in_english

        titles = {check.title for check in self.exercise.checks}
        for part in left_in_english(dict(result), self.exercise):
            form = re.sub(r"\d+(\.\d+)?(e[-+]?\d+)?", "1", part)
            where = "[checks]" if part in titles else "[messages], with {1}, {2} ... for what varies"
            if form not in self.english:
                self.english.add(form)
                self.warning(
                    self.translation.name, f"learners read in English: “{part[:200]}”. Put it under {where}"
                )

    @staticmethod
    def learner(seed: int) -> str:
        return f"learner {seed}"

    def texts(self) -> None:
        """What can be seen without running anything."""
        exercise = self.exercise
        statement, starter = exercise.read("statement.md"), exercise.read("starter.py")
        solution = exercise.read("solution.py")
        for name in exercise.entry:
            for file, text in (("statement.md", statement), ("starter.py", starter)):
                if not re.search(rf"\b{re.escape(name)}\b", text):
                    self.error(file, f"does not mention `{name}`, which the learner has to define")
        for file, text in (("statement.md", statement), ("starter.py", starter)):
            if solution.strip() in text:
                self.error(file, "holds the solution")
        for check in exercise.checks:
            if not check.hints:
                self.error(check.id, f"has no hints; write {MOST_HINTS}, from a nudge to nearly the answer")
            elif len(check.hints) < MOST_HINTS:
                self.note(check.id, f"has hints of {len(check.hints)} of {MOST_HINTS} levels")
        if not exercise.explanation:
            self.note("exercise.toml", "has no `explanation` for those who have passed")
        if not self.hidden and exercise.kind != "prediction":
            self.note("exercise.toml", "has no hidden check")

    def starter(self) -> None:
        result = self.grade(self.exercise.read("starter.py"), self.seeds[0])
        if result["status"] == "passed":
            self.error("starter.py", "passes: there is nothing left to do")
            return
        if result["status"] == "error":
            self.error("starter.py", f"cannot be run: {result['message']}")
        for test in result["tests"]:
            if test["status"] == "passed" and self.exercise.kind != "bug":
                self.error(test["id"], "passes with the starter code")
            if test["status"] in ("error", "timeout"):
                self.error(
                    test["id"],
                    "stops with an error on the starter code instead of saying what is missing: "
                    f"{_first_line(test['output'])}",
                )

    def edition(self) -> None:
        """What learners lack besides what `without` names."""
        edition = self.grader.edition(self.exercise)
        if edition is None:
            return
        if edition.stopped:
            names = list(edition.stopped[:STOPPED_SHOWN])
            more = len(edition.stopped) - len(names)
            self.note("without", f"also stops: {', '.join(names)}{f' and {more} more' if more else ''}")
        if not edition.gradients:
            self.note(
                "without",
                "leaves out what checks with `grad=` need: compare what learners compute themselves",
            )

    def solution(self) -> bool:
        """Whether the solution passes on every seed, and with half of the limits."""
        source = self.exercise.read("solution.py")
        results = [self.grade(source, seed) for seed in self.seeds]
        for seed, result in zip(self.seeds, results):
            for test in result["tests"]:
                if test["status"] != "passed":
                    said = result["message"] if test["status"] == "skipped" else test["output"]
                    self.error("solution.py", f"fails {test['id']} (seed {seed}): {_first_line(said)}")
            if result["status"] != "passed" or result["score"] != self.exercise.points:
                return False
        limits = self.exercise.limits
        most = {
            key: max(result[key] for result in results) for key in ("cpu_time", "memory_mb", "execution_time")
        }  # type: ignore[literal-required]
        self.made.figures |= {
            "cpu_seconds": most["cpu_time"],
            "memory_mb": most["memory_mb"],
            "wall_seconds": most["execution_time"],
            "cpu_share": round(most["cpu_time"] / limits.cpu_seconds, 4),
            "memory_share": round(most["memory_mb"] / limits.memory_mb, 4),
            "wall_share": round(most["execution_time"] / limits.wall_seconds, 4),
        }
        tight = dataclasses.replace(
            limits,
            cpu_seconds=limits.cpu_seconds / 2,
            wall_seconds=limits.wall_seconds / 2,
            memory_mb=max(1, limits.memory_mb // 2),
        )
        if self.grade(source, self.seeds[0], tight)["status"] != "passed":
            self.error(
                "limits", "the solution needs more than half of them; a slower right answer would be stopped"
            )
        return True

    def memorised(self) -> None:
        """Answers of one run, given again in another, must fail."""
        source, memory = self.exercise.read("solution.py"), Memory()
        first, other = self.seeds[0], self.seeds[1]
        if self.exercise.kind == "prediction":
            values = drawn(self.exercise, self.learner(first))
            if not values:
                self.note("checks.py", "has no draw(rng): every learner is asked about the same numbers")
                return
            result = self.grade(filled(source, values), other)
        else:
            self.grade(source, first, make_box=memory.recording, progress=memory.progress)
            memory.progress(0, 0, "")
            result = self.grade(source, other, make_box=memory.replaying, progress=memory.progress)
        content = [test["id"] for test in result["tests"] if test["status"] == "passed"]
        if len(content) == len(result["tests"]):
            self.error("checks.py", "takes answers learnt by heart: draw the inputs from `rng`")
        elif content and self.exercise.kind != "prediction":
            self.note(
                content[0], "takes answers learnt by heart from another run; are its inputs drawn from `rng`?"
            )

    def wrong_answers(self) -> None:
        paths = sorted((self.exercise.folder / "wrong").glob("*.py"))
        self.made.figures["wrong"] = len(paths)
        if len(paths) < 2:
            self.error("wrong/", "needs two wrong answers or more, each with the message it shall get")
        for path in paths:
            self._wrong_answer(path)

    def _wrong_answer(self, path: Path) -> None:
        about, source = f"wrong/{path.name}", path.read_text("utf-8")
        expected = _EXPECT.match(source)
        if expected is None or expected[1] not in {check.id for check in self.exercise.checks}:
            self.error(about, "must begin with `# expect: CHECK: PART OF ITS MESSAGE`")
            return
        check, words = expected[1], expected[2].strip()
        for seed in self.seeds:
            result = self.grade(source, seed)
            said = {test["id"]: test for test in result["tests"]}
            self._failed(result)
            self.in_chinese(result)
            if result["status"] == "passed" or result["score"] >= result["max_score"]:
                self.error(about, f"passes (seed {seed})")
            elif words not in said[check]["output"]:
                got = _first_line(said[check]["output"]) or said[check]["status"]
                self.error(about, f"{check} does not say “{words}” (seed {seed}), but: {got}")

    def mutated(self) -> None:
        """Mistakes made in the solution, each in a run with little more than the solution needs."""
        learner = drawn(self.exercise, self.learner(self.seeds[0]))
        made = mutants(filled(self.exercise.read("solution.py"), learner), self.most)
        limits = self.exercise.limits
        enough = max(1.0, 4 * self.made.figures["cpu_seconds"])
        limits = dataclasses.replace(limits, cpu_seconds=min(limits.cpu_seconds, enough))
        results = [self.grade(source, self.seeds[0], limits) for _, source in made]
        for result in results:
            self._failed(result)
        caught = [result["status"] != "passed" for result in results]
        self.made.figures |= {"mutants": len(made), "caught": sum(caught)}
        survived = [said for (said, _), noticed in zip(made, caught) if not noticed]
        if survived:
            self.note(
                "checks.py", f"no check notices these changes of the solution: {'; '.join(survived[:4])}"
            )

    def _failed(self, result: Result) -> None:
        self.failing |= {
            test["id"] for test in result["tests"] if test["status"] not in ("passed", "skipped")
        }

    def every_check_can_fail(self) -> None:
        for check in self.exercise.checks:
            if check.id not in self.failing:
                self.error(
                    check.id, "no wrong answer and no change of the solution fails it; what does it check?"
                )

    def taught(self) -> None:
        lesson = self.exercise.folder.parent.parent
        try:
            known = taught.until(lesson)
            for name in taught.missing(self.exercise, known, framework_methods(self.grader)):
                self.error(taught.FILE, f"`{name}` is used, and no lesson up to {lesson.name} teaches it")
            for name in taught.unseen(lesson):
                self.note(taught.FILE, f"`{name}` is listed, and the lesson never mentions it")
        except ExerciseError as error:
            self.error(taught.FILE, str(error))


@functools.lru_cache(maxsize=4)
def framework_methods(grader: Grader) -> set[str]:
    """The methods of tensors, modules and optimizers, asked of the framework in a box."""
    with grader.box(taught.METHODS) as box:
        box.load()
        return set(box.call("methods"))


def _first_line(text: str) -> str:
    return text.partition("\n")[0][:200]
