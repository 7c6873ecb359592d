"""What the pages are made of: lessons read from notebooks, Markdown, differences, heat maps, answers as code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from glasstorch_web.app.comparison import compare
from glasstorch_web.app.heatmap import arrays_of, heat_maps
from glasstorch_web.app.highlight import highlighted, highlighted_lines, lines_of
from glasstorch_web.app.markdown import lesson_markdown, markdown
from glasstorch_web.app.pages.answers import answers_in, source_of
from glasstorch_web.app.pages.common import own_page
from glasstorch_web.app.pages.standing import State, Step, Stretch, mark
from glasstorch_web.app.pages.trend import trend
from glasstorch_web.grader.authoring.new import create
from glasstorch_web.grader.exercises import load_exercise
from glasstorch_web.grader.window import window
from glasstorch_web.services.lessons import Lessons
from glasstorch_web.services.texts import retold, texts_of, told_of
from support.lessons import make_course

LESSONS = Path(__file__).resolve().parents[2] / "lessons"


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    return make_course(tmp_path_factory.mktemp("course"), 2)


def test_a_lesson_is_read_from_its_notebook():
    lesson = Lessons(LESSONS).all()[0]
    assert (lesson.slug, lesson.title) == ("00-start-here", "Start here")
    assert lesson.summary.startswith("In the next half hour you will watch a gradient")
    kinds = [cell.kind for cell in lesson.cells]
    assert kinds.count("question") == 7
    assert [cell.exercise for cell in lesson.cells if cell.kind == "exercise"] == [
        "start.backward-formula",
        "start.training-step",
    ]
    assert not lesson.cells[0].source.startswith("#"), "the page has the title already"
    shape = next(cell.question for cell in lesson.cells if cell.id == "broadcasting-question")
    assert (shape.choices[2], shape.answer) == ("(3, 4)", None), "computed answers stay in the notebook"
    assert next(cell.question for cell in lesson.cells if cell.id == "gradient-question").answer == "12"
    anchors = [anchor for anchor, _heading in lesson.outline]
    assert len(set(anchors)) == len(anchors)
    html = "".join(
        lesson_markdown(cell.source, cell.id, "") for cell in lesson.cells if cell.kind == "markdown"
    )
    assert [anchor for anchor in anchors if f'id="{anchor}"' not in html] == [], (
        "every section can be gone to"
    )


def test_a_lesson_in_percent_format_and_its_translation(course):
    folder = course / "02-autograd-by-hand"
    translation = folder / "02-autograd-by-hand.zh.py"
    lessons = Lessons(course)
    assert lessons.get(folder.name, "zh").title == "Autograd by hand", "untranslated: English"
    translation.write_text('# %% [markdown] name="title"\n# # 手算自动求导\n#\n# 里面发生了什么。\n', "utf-8")
    chinese, english = lessons.get(folder.name, "zh"), lessons.get(folder.name)
    assert (chinese.title, chinese.summary) == ("手算自动求导", "里面发生了什么。"), "read again at once"
    assert (english.title, chinese.outline) == ("Autograd by hand", english.outline)
    words = '"What is the sum?" = "和是多少？"\n"3" = "三"\n"1 + 2 is 3." = "1 加 2 得 3。"\n'
    (folder / "zh.toml").write_text(words, "utf-8")
    about = '"A question?"\nquestion_zh = "一个问题？"\nminutes = 25\n'
    (folder / "lesson.toml").write_text(f"question = {about}", "utf-8")
    chinese, english = lessons.get(folder.name, "zh"), lessons.get(folder.name)
    asked = next(cell.question for cell in chinese.cells if cell.kind == "question")
    assert (asked.text, asked.choices, asked.answer) == ("和是多少？", ("2", "三"), "三")
    assert asked.explanation == "1 加 2 得 3。"
    assert next(cell.question for cell in english.cells if cell.kind == "question").answer == "3"
    assert (chinese.question, chinese.minutes) == ("一个问题？", 25)
    assert (english.question, english.minutes) == ("A question?", 25)


def test_a_broken_lesson_hides_no_other(course, tmp_path):
    (tmp_path / "01-broken").mkdir()
    (tmp_path / "01-broken" / "01-broken.ipynb").write_text("{", "utf-8")
    make_course(tmp_path, 1)
    assert [(lesson.slug, lesson.has_text) for lesson in Lessons(tmp_path).all()] == [
        ("01-broken", False),
        ("01-tensors-and-views", True),
    ]


def test_markdown_is_safe_and_stays_on_the_site():
    nasty = "<img src=x onerror=alert(1)> [a](javascript:alert(1)) `<b>` $\\href{javascript:alert(1)}{x}$"
    nasty += "\n\n```python\n</code><script>\n```"
    html = markdown(nasty)
    for part in ("<img", "<script", "<b>", 'href="javascript'):
        assert part not in html
    html = lesson_markdown(
        "# T\n## A\n## B\n![p](a/b.png)\n[next](../02-more/02-more.ipynb#x) [zh](../02-more/02-more.zh.ipynb)",
        "cell",
        "01-one/files/",
    )
    assert 'href="02-more"' in html
    assert '<h2 id="cell">' in html
    assert '<h2 id="cell-2">' in html
    assert 'src="01-one/files/a/b.png"' in html
    assert 'href="02-more#x"' in html


def test_a_line_end_is_a_space_but_not_between_chinese_characters():
    assert "one\ntwo" in markdown("one\ntwo")
    assert "张量是一行数，读法" in markdown("张量是\n一行数，\n读法")


def test_code_is_coloured_and_escaped():
    assert '<span class="k">def</span>' in highlighted("def f(): pass")
    assert highlighted("<&", "no such language") == "&lt;&amp;"
    code = '"""one\ntwo <b>"""\n\nx = 1'
    lines = highlighted_lines(code)
    assert len(lines) == 4
    assert all(line.count("<span") == line.count("</span") for line in lines), "a line is whole by itself"
    assert "&lt;b&gt;" in lines[1]
    for text in (
        "",
        "\n",
        "a",
        "a\n",
        "\n\na\n\n",
        "a\r\nb\rc",
        "\x0c\u2028x\n",
        "\ufeffx",
        '"""open\n',
        "\t\\\n",
    ):
        assert len(highlighted_lines(text)) == len(lines_of(text)), repr(text)


def test_what_changed_between_two_sources():
    old = "a = 1\nb = 2\nc = 3\nd = 4\n" + "".join(f"x{n} = 0\n" for n in range(20)) + "end = 1\n"
    new = old.replace("b = 2\n", "b = 20\nbb = 21\n").replace("end = 1\n", "")
    found = compare(old, new)
    assert (found.added, found.removed, len(found.parts)) == (2, 2, 2)
    kinds = [(kind, line.number) for kind, line in found.unified(found.parts[0])]
    assert kinds[:4] == [("same", 1), ("removed", 2), ("added", 2), ("added", 3)]
    assert found.parts[0][1].old.number == found.parts[0][1].new.number == 2, "side by side"
    assert compare(old, old).parts == ()


def test_differing_arrays_become_tables_of_colours():
    expected = np.array([[1.0, -2.0], [0.0, 4.0]])
    got = np.array([[1.0, 2.0], [-0.0, np.nan]])
    off = np.array([[False, True], [False, True]])
    tables = list(heat_maps(arrays_of({"arrays": window(got, expected, off)})))
    assert [table.kind for table in tables] == ["expected", "got", "difference"]
    assert [[cell.tone for cell in row] for row in tables[0].rows] == [["p1", "n2"], ["z", "p4"]]
    assert [[(cell.text, cell.off) for cell in row] for row in tables[1].rows] == [
        [("1", False), ("2", True)],
        [("0", False), ("nan", True)],
    ]
    assert tables[2].rows[0][1].tone == "p4"
    assert tables[2].rows[1][1].tone == "bad"
    wide = arrays_of({"expected": list(range(12)), "got": [*range(11), 99]})
    yours = list(heat_maps(wide))[1]
    assert yours.dense
    assert [cell.off for cell in yours.rows[0]] == [*[False] * 11, True]
    assert arrays_of({"expected": 3.0, "got": 4.0}) is None
    assert arrays_of({"expected": [1, 2], "got": [1, 2, 3]}) is None
    assert arrays_of({"expected": [3, 4], "got": [4, 3], "where": "shape"}) is None, "sizes are not values"


def test_answers_become_code_and_come_back(tmp_path):
    create(tmp_path, "01-one", "one.predict", "prediction")
    exercise = load_exercise(tmp_path / "01-one/exercises/one.predict")
    given = {"shape": "2 x 3", "mean": "−2.5", "gradient": "1"}
    source, problem = source_of(given, exercise)
    assert problem is None
    assert answers_in(source, exercise) == {"shape": "(2, 3)", "mean": "-2.5", "gradient": "1"}
    names: dict[str, object] = {}
    exec(source, names)
    assert names["answers"] == {"shape": (2, 3), "mean": -2.5, "gradient": "1"}
    for wrong in (
        {"mean": "about 3"},
        {"shape": "__import__('os')"},
        {"gradient": "2'}\nimport os"},
        {"mean": "1e999"},
    ):
        source, problem = source_of(wrong, exercise)
        assert problem
        compile(source, "answers", "exec")
        assert "import os" not in source.splitlines(), "an answer is text, never code"
    assert answers_in("answers = {'mean': open('x'), 'shape': (1,)}", exercise) == {"shape": "(1,)"}
    assert answers_in("def broken(", exercise) == {}


def test_each_learner_of_a_prediction_has_numbers_of_their_own(tmp_path):
    create(tmp_path, "01-one", "one.predict", "prediction")
    exercise = load_exercise(tmp_path / "01-one/exercises/one.predict")
    statements = {texts_of(exercise, "en", f"learner-{n}").statement for n in range(5)}
    assert len(statements) > 1
    assert not any("{{" in statement for statement in statements)


def test_chinese_stands_beside_the_english():
    exercise = load_exercise(LESSONS / "00-start-here/exercises/start.training-step")
    english, chinese = texts_of(exercise, "en", "local"), texts_of(exercise, "zh", "local")
    assert (english.title, chinese.title) == ("The training step", "训练的一步")
    assert chinese.statement.startswith("请写出")
    assert set(chinese.checks) == set(english.checks)
    assert all(chinese.checks[name] != title for name, title in english.checks.items())
    assert told_of(exercise, "zh").checks["step"] == "一步移动每个参数"
    assert told_of(exercise, "en").checks == {}
    assert told_of(None, "zh").checks == {}


def test_hints_and_explanation_are_told_in_chinese(course):
    folder = next((course / "01-tensors-and-views" / "exercises").iterdir())
    exercise = load_exercise(folder)
    (one, *_) = exercise.checks
    path = folder / "exercise.zh.toml"
    before = path.read_text("utf-8") if path.exists() else ""
    test = {
        "id": one.id,
        "name": one.title,
        "status": "failed",
        "hint": "Look.",
        "hints": ["Look.", "There."],
    }
    result = {"status": "failed", "explanation": "", "tests": [test, {**test, "id": "other"}]}
    path.write_text(f'[checks]\n{one.id} = "检查"\n[hints]\n{one.id} = ["看。", "那里。"]\n', "utf-8")
    try:
        told = retold(result, exercise, "zh")
        passed = retold({**result, "tests": [{**test, "hints": [], "hint": ""}]}, exercise, "zh")
    finally:
        path.write_text(before, "utf-8")
    assert (told["tests"][0]["name"], told["tests"][0]["hints"]) == ("检查", ["看。", "那里。"])
    assert told["tests"][0]["hint"] == "看。"
    assert told["tests"][1] == result["tests"][1]
    assert passed["tests"][0]["hints"] == []
    assert retold(result, exercise, "en") == result
    assert retold(result, None, "zh") == result


def test_only_addresses_of_this_site_are_returned_to():
    assert own_page("exercises/a.b?attempt=x-1") == "exercises/a.b?attempt=x-1"
    for elsewhere in (
        "//evil.example",
        "/x",
        "https://evil.example",
        "a/../../b",
        "\\\\evil",
        "x\r\nSet-Cookie: a=b",
        "a//b",
    ):
        assert own_page(elsewhere) == ""


def test_the_trend_needs_two_grades():
    class Attempt:
        def __init__(self, score, status="failed"):
            self.result = {"score": score, "max_score": 10, "status": status}

    assert trend([Attempt(1)]) is None
    found = trend([Attempt(10, "passed"), Attempt(0, "grader_error"), Attempt(5), Attempt(0)])
    assert found.scores == (0.0, 5.0, 10.0), "oldest first, without what was not graded"
    assert found.dots[0][1] > found.dots[1][1] > found.dots[2][1], "upwards"


@pytest.mark.parametrize(
    ("states", "last", "here", "next_one"),
    [
        (("open open", "open open"), "", 0, "0.0"),
        (("passed open", "open open"), "0.0", 0, "0.1"),
        (("passed passed", "open open"), "0.1", 1, "1.0"),
        (("open open", "passed open"), "1.0", 1, "1.1"),  # who begins in the middle is there
        (("open open", "passed passed"), "1.1", 0, "0.0"),  # and what was passed over is left
        (("open open", "tried passed"), "1.1", 1, None),
        (("tried open", "tried open"), "0.0", 0, "0.1"),
        (("passed passed", "passed passed"), "1.1", None, None),
    ],
)
def test_where_a_learner_is_on_the_map(
    states: tuple[str, ...], last: str, here: int | None, next_one: str | None
) -> None:
    lessons = []
    for k, row in enumerate(states):
        found: list[State] = row.split()  # type: ignore[assignment]
        steps = [Step(f"{k}.{j}", "", state, 0, 1, None) for j, state in enumerate(found)]
        lessons.append(Stretch(str(k), str(k), "", "", True, steps, read=False, deadline=None))
    mark(lessons, last)
    assert [k for k, one in enumerate(lessons) if one.state == "current"] == ([] if here is None else [here])
    following = [step.id for one in lessons for step in one.exercises if step.state == "next"]
    assert following == ([] if next_one is None else [next_one])
