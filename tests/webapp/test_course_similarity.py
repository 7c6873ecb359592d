"""Similar submissions: found under renaming, but not where everybody writes the same."""

from __future__ import annotations

import random
import re

import pytest
from glasstorch_web.services.fingerprints import RUN, WINDOW, fingerprint, regions
from support.course import FIRST, Course

WORK = '''
def backward(x, w):
    """The gradient."""
    total = 0
    parts = []
    for index in range(len(x)):
        piece = 2 * w[index] * x[index]
        if piece > 100:
            parts.append(piece - total)
        elif piece < -100 and index % 3 == 1:
            parts.insert(0, [piece, index])
        else:
            parts.append(piece / 1)
        total += piece * 3 - index
    result = [part for part in parts if part is not None]
    while len(result) > len(x):
        result.pop(len(result) // 2)
    return result
'''


def renamed(source: str) -> str:
    """What somebody does who hopes that nobody sees it: names, comments, layout, numbers."""
    names = {"total": "acc", "parts": "out", "piece": "val", "index": "k", "result": "zs", "part": "z"}
    text = re.sub(r"\b(" + "|".join(names) + r")\b", lambda found: names[found[0]], source)
    text = text.replace('"""The gradient."""', "'''My own words'''").replace("100", "1000")
    return "# mine\n" + text.replace("\n    ", "\n\n    ")


def another(seed: int) -> str:
    """A program of its own."""
    draw = random.Random(seed)
    lines = [f"def backward(x, w):\n    s{seed} = {seed}"]
    for n in range(30):
        left, right = (
            draw.choice("xw"),
            draw.choice(["x", "w", "len(x)", "abs(w)", "x[0]", "-w", "x ** 2", "min(x, w)"]),
        )
        operator = draw.choice(["+", "-", "*", "/", "//", "%", "@", "<<", "and", "or", "<", ">="])
        form = draw.choice(
            [
                "    v{n} = {l} {o} {r}",
                "    if {l} {o} {r}:\n        v{n} = [{r}]",
                "    for v{n} in ({l}, {r}):\n        print({l} {o} {r})",
                "    v{n} = lambda q: q {o} {r}",
                "    assert {r} {o} {l}, v{n}",
                "    v{n} = {{ {l}: {r}, **{l} }}",
            ]
        )
        lines.append(form.format(n=n, l=left, o=operator, r=right))
    return "\n".join([*lines, "    return x"])


@pytest.fixture
def course(tmp_path):
    made = Course(tmp_path / "grades.sqlite3", tmp_path)
    yield made
    made.database.close()


def hand_in_all(course, sources):
    """Each from somebody of its own, whose attempts before count no more."""
    numbers = []
    for at, source in enumerate(sources):
        user = f"u{at}"
        course.people.ensure(user, user.upper(), "learner")
        numbers.append(course.hand_in(user, 7 + len(course.progress.scores(user)), source=source))
    return numbers


def test_a_renamed_copy_is_found_among_many(course):
    numbers = hand_in_all(course, [*(another(seed) for seed in range(30)), WORK, renamed(WORK)])
    report = course.similarity.report(FIRST)
    assert (report.submissions, report.compared) == (32, 32)
    best = report.pairs[0]
    assert (best.left.number, best.right.number) == tuple(numbers[-2:])
    assert best.share > 0.95
    assert all(pair.share < 0.6 for pair in report.pairs[1:])
    pair = course.similarity.pair(FIRST, numbers[-2], numbers[-1])
    assert (pair.left.name, pair.right.name, pair.share) == ("U30", "U31", best.share)
    assert pair.right_source == renamed(WORK)
    covered = {line for region in pair.regions for line in range(region.left[0], region.left[1] + 1)}
    assert covered >= set(range(4, 18))
    left = pair.left_source.splitlines()
    right = pair.right_source.splitlines()
    for region in pair.regions:
        assert 1 <= region.left[0] <= region.left[1] <= len(left)
        assert 1 <= region.right[0] <= region.right[1] <= len(right)


def test_a_part_that_was_taken_is_found(course):
    first, second, _ = hand_in_all(
        course, [WORK, another(1) + "\n" + renamed(WORK).split("else:")[0], another(2)]
    )
    report = course.similarity.report(FIRST)
    assert [(pair.left.number, pair.right.number) for pair in report.pairs[:1]] == [(first, second)]
    assert 0.3 < report.pairs[0].share < 0.9


def test_what_everybody_writes_and_the_starter_say_nothing(course):
    starter = course.catalogue.all()[FIRST].folder / "starter.py"
    starter.write_text(another(99), "utf-8")
    hand_in_all(course, [another(99)] * 3 + [another(99) + "\n    y = 1"] * 3)
    report = course.similarity.report(FIRST)
    assert (report.compared, report.pairs) == (0, [])
    hand_in_all(course, [WORK] * 20)
    assert course.similarity.report(FIRST).pairs == [], "the one right answer of so many"


def test_a_report_is_made_anew_only_when_something_counts_otherwise(course):
    one, other = hand_in_all(course, [WORK, renamed(WORK)])
    first = course.similarity.report(FIRST)
    course.now += 60
    assert course.similarity.report(FIRST) is first
    course.hand_in("u1", 2, source=another(3))
    assert course.similarity.report(FIRST) is first, "that one does not count"
    course.hand_in("u1", 10, source=another(3))
    assert course.similarity.report(FIRST).pairs == []
    with pytest.raises(LookupError):
        course.similarity.pair(FIRST, one, other)


@pytest.mark.parametrize(
    "source", ["", "x", "def f(:\n  'unclosed", "\t\tx\n y\n  z", "\x00", "§ 漢字 $", "(" * 500]
)
def test_what_is_no_python_is_read_as_far_as_it_goes(source):
    assert fingerprint(source) == fingerprint(source)
    assert regions(fingerprint(source), fingerprint(WORK), frozenset()) == []


@pytest.mark.parametrize("seed", range(5))
def test_a_shared_passage_of_the_promised_length_is_always_found(seed):
    """The promise of winnowing, whatever stands before and behind."""
    draw = random.Random(seed)
    words = [f"f.a{draw.randrange(40)}" for _ in range((RUN + WINDOW) // 2 + 2)]  # three tokens each
    passage = "\n".join(f"{word}" for word in words)
    one = "\n".join(f"f.b{draw.randrange(40)}" for _ in range(40)) + f"\n{passage}\n" + another(seed)
    two = f"import torch\n{passage}\nf.c\n" + "\n".join(f"f.d{n}" for n in range(20))
    assert fingerprint(one).hashes & fingerprint(two).hashes
