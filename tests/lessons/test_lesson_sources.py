"""Every lesson: the notebooks are what its sources say, its exercises are those in the folder beside it, and all that a
learner reads is there in English and Chinese.
"""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest
from glasstorch_widgets.exercises.source import between_markers, same_code
from markdown_it import MarkdownIt

LESSONS = Path(__file__).resolve().parents[2] / "lessons"
FOLDERS = sorted(LESSONS.glob("[0-9][0-9]-*/"))
EXERCISES = {"00-start-here": 2}  # how many; elsewhere three to five


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lesson_notebooks", LESSONS / "tools" / "notebooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


notebooks = tool()


def cells(folder: Path, kind: str = "code") -> list[nbformat.NotebookNode]:
    read = nbformat.read(folder / f"{folder.name}.ipynb", as_version=4)
    return [cell for cell in read.cells if cell.cell_type == kind]


def test_there_are_lessons() -> None:
    assert next(folder.name for folder in FOLDERS) == "00-start-here"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_notebooks_are_what_their_sources_say(folder: Path) -> None:
    made = notebooks.texts(folder / f"{folder.name}.py")
    assert [path.name for path in made] == [f"{folder.name}.ipynb", f"{folder.name}.zh.ipynb"]
    for path, text in made.items():
        assert path.read_text("utf-8") == text, "run `make notebooks`"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_chinese_notebook_has_the_same_code(folder: Path) -> None:
    english, chinese = (
        nbformat.read(folder / f"{folder.name}{language}.ipynb", as_version=4).cells
        for language in ("", ".zh")
    )
    assert [(cell.id, cell.cell_type) for cell in english] == [(cell.id, cell.cell_type) for cell in chinese]
    for ours, theirs in zip(english, chinese, strict=True):
        assert (ours.source == theirs.source) == (ours.cell_type == "code"), ours.id


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_lesson_says_what_it_is(folder: Path) -> None:
    about = tomllib.loads((folder / "lesson.toml").read_text("utf-8"))
    assert about["teaches"]
    assert 10 <= about["minutes"] <= 60
    assert about["question"].endswith("?")
    assert about["question_zh"].endswith("？")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_there_are_cards_to_review_in_both_languages(folder: Path) -> None:
    cards = tomllib.loads((folder / "reviews.toml").read_text("utf-8"))["card"]
    assert len(cards) >= 3
    assert len({card["id"] for card in cards}) == len(cards)
    exercises = {path.name for path in (folder / "exercises").iterdir()}
    for card in cards:
        texts = [card["question"], card["answer"], card["zh"]["question"], card["zh"]["answer"]]
        assert all(text.strip() for text in texts), card["id"]
        assert card.get("exercise") in {None, *exercises}, card["id"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_exercises_are_there_in_chinese(folder: Path) -> None:
    ids = [path for path in sorted((folder / "exercises").iterdir()) if path.is_dir()]
    wanted = EXERCISES.get(folder.name)
    assert len(ids) == wanted if wanted else 3 <= len(ids) <= 5
    for exercise in ids:
        english, chinese = (
            tomllib.loads((exercise / name).read_text("utf-8"))
            for name in ("exercise.toml", "exercise.zh.toml")
        )
        missing = {"title", "statement", "checks", "hints"} - chinese.keys()
        assert not missing, exercise.name
        assert ("explanation" in english) == ("explanation" in chinese), exercise.name
        assert (exercise / "statement.zh.md").read_text("utf-8").strip()
        hints = {check["id"]: len(_hints(check)) for check in english["check"]}
        assert set(chinese["checks"]) == set(hints), exercise.name
        assert {check: len(some) for check, some in chinese["hints"].items()} == hints, exercise.name
        prompts = {question["id"] for question in english.get("question", [])}
        assert set(chinese.get("questions", {})) == prompts, exercise.name


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_texts_beside_code_are_plain(folder: Path) -> None:
    """Titles, hints and explanations are shown as they stand, but for what is between backticks."""
    signs = re.compile(r"\*\*\S|(?<![\w*)\]])\*[^\W\d][^*\n]*\w\*(?![\w*])|\$|\]\(")
    for path in folder.glob("exercises/*/exercise*.toml"):
        for text in _texts(tomllib.loads(path.read_text("utf-8"))):
            found = signs.search(re.sub(r"`[^`]*`", "", text))
            assert found is None, f"{path.parent.name}/{path.name}: {found}"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_lessons_that_are_spoken_of_are_there(folder: Path) -> None:
    there = {int(one.name[:2]) for one in FOLDERS}
    paths = [*folder.glob("*.py"), *folder.glob("*.toml"), *folder.glob("exercises/*/*.md")]
    for path in [*paths, *folder.glob("exercises/*/exercise*.toml")]:
        spoken_of = re.findall(r"[Ll]esson (\d+)|第 (\d+) 课", path.read_text("utf-8"))
        missing = {int(english or chinese) for english, chinese in spoken_of} - there
        assert not missing, f"{path.name} speaks of lessons {sorted(missing)}"


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in _texts(one)]


def _hints(check: dict[str, Any]) -> list[str]:
    return list(check.get("hints") or filter(None, [check.get("hint")]))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_exercise_has_its_cell_and_its_button(folder: Path) -> None:
    ids = sorted(path.name for path in (folder / "exercises").iterdir() if path.is_dir())
    sources = [cell.source for cell in cells(folder)]
    marked = [name for text in sources for name in re.findall(r"^# @exercise (\S+)$", text, re.MULTILINE)]
    buttons = [
        name for text in sources for name in re.findall(r'^exercise\("([^"]+)"\)$', text, re.MULTILINE)
    ]
    assert sorted(marked) == sorted(buttons) == ids
    for name in ids:
        (code,) = [found for text in sources if (found := between_markers(text, name)) is not None]
        starter = (folder / "exercises" / name / "starter.py").read_text("utf-8")
        assert same_code(code, starter), f"{name}: the notebook's cell and starter.py differ"
        cell = next(text for text in sources if f"# @exercise {name}" in text)
        assert re.search(r"^# @end$", cell, re.MULTILINE)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_bold_is_bold(folder: Path) -> None:
    """Between Chinese characters, Markdown takes `**` beside a comma or a quotation mark for what it is: two stars."""
    markdown = MarkdownIt("commonmark").enable("table")
    texts = [cell.source for path in folder.glob("*.ipynb") for cell in nbformat.read(path, as_version=4).cells
             if cell.cell_type == "markdown"]  # fmt: skip
    texts += [path.read_text("utf-8") for path in folder.glob("exercises/*/statement*.md")]
    for card in tomllib.loads((folder / "reviews.toml").read_text("utf-8"))["card"]:
        texts += [card["question"], card["answer"], card["zh"]["question"], card["zh"]["answer"]]
    for text in texts:
        for token in markdown.parse(re.sub(r"\$[^$]+\$", "formula", text)):
            assert not [
                part.content for part in token.children or () if part.type == "text" and "**" in part.content
            ]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_questions_come_before_results(folder: Path) -> None:
    asked = sum(len(re.findall(r"^\s*predict\(", text.source, re.MULTILINE)) for text in cells(folder))
    assert asked >= 4


ENGLISH = """\
# %% [markdown] name="title"
# # A lesson

# %% name="setup"
# %load_ext glasstorch_widgets
rows = 3

# %% name="question"
predict(
    "How many "
    "rows?",
    ["3", "an error", "rows", "nothing"],
    answer=lambda: rows,
    explain="There are three.",
)

# %% [markdown] name="end"
# The end.
"""
CHINESE = """\
# %% [markdown] name="title"
# # 一课

# %% [markdown] name="end"
# 完。
"""
WORDS = """\
"How many rows?" = "有几行？"
"an error" = "报错"
"nothing" = "什么也没有"
"There are three." = "有三行。"
"""


@pytest.fixture
def lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The source of a small lesson, the only one there is."""
    source = tmp_path / "lessons" / "01-rows" / "01-rows.py"
    source.parent.mkdir(parents=True)
    source.write_text(ENGLISH, "utf-8")
    notebooks.chinese_of(source).write_text(CHINESE, "utf-8")
    source.with_name("zh.toml").write_text(WORDS, "utf-8")
    monkeypatch.setattr(notebooks, "LESSONS", tmp_path / "lessons")
    return source


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('# %% name="setup"', "# %%", "needs a name"),
        ('name="setup"', 'name="title"', "two cells are called 'title'"),
        ('name="setup"', 'name="set up"', "01-rows.py"),
    ],
)
def test_mistakes_in_a_source_are_named(lesson: Path, old: str, new: str, message: str) -> None:
    assert old in ENGLISH
    lesson.write_text(ENGLISH.replace(old, new, 1), "utf-8")
    with pytest.raises(notebooks.SourceError, match=message):
        notebooks.notebook(lesson)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('# %% [markdown] name="end"\n# 完。\n', "", "no translation of the cell 'end'"),
        ('name="end"', 'name="start"', "has no Markdown cell 'start'"),
        ('name="end"', 'name="setup"', "has no Markdown cell 'setup'"),
        ('name="end"', 'name="title"', "two cells are called 'title'"),
        ('[markdown] name="end"', 'name="end"', "the cell 'end' is code"),
        ("# # 一课\n", "", "the cell 'title' is empty"),
    ],
)
def test_mistakes_in_a_translation_are_named(lesson: Path, old: str, new: str, message: str) -> None:
    assert old in CHINESE
    notebooks.chinese_of(lesson).write_text(CHINESE.replace(old, new, 1), "utf-8")
    with pytest.raises(notebooks.SourceError, match=f"01-rows.zh.py.*{message}"):
        notebooks.chinese_notebook(lesson)


def test_translated_cells_keep_their_order(lesson: Path) -> None:
    first, second = CHINESE.split("\n\n")
    notebooks.chinese_of(lesson).write_text(f"{second}\n{first}\n", "utf-8")
    with pytest.raises(notebooks.SourceError, match="'end' comes where 'title' belongs"):
        notebooks.chinese_notebook(lesson)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"How many rows?"', '"How many columns?"', "no code cell has the string 'How many columns\\?'"),
        ('"an error" = "报错"\n', "", "the Chinese of 'an error' is missing"),
        ('"nothing" = "什么也没有"\n', "", "the Chinese of 'nothing' is missing"),
        ('"There are three." = "有三行。"\n', "", "'There are three.' is missing"),
        ('"报错"', "3", "must be a text"),
        ('"报错"', "报错", "01-rows/zh.toml"),
    ],
)
def test_mistakes_in_the_words_are_named(lesson: Path, old: str, new: str, message: str) -> None:
    assert old in WORDS
    lesson.with_name("zh.toml").write_text(WORDS.replace(old, new, 1), "utf-8")
    with pytest.raises(notebooks.SourceError, match=message):
        notebooks.words(lesson)


def test_names_and_numbers_need_no_translation(lesson: Path) -> None:
    assert set(notebooks.words(lesson)) == {"How many rows?", "an error", "nothing", "There are three."}


def test_line_ends_between_chinese_characters_go() -> None:
    text = "# 标题\n张量是\n一行数，\n  读法 `x`\n另说。\n\n```\n代码\n代码\n```\n| 表 |\nabc\n数"
    assert notebooks.joined(text) == (
        "# 标题\n张量是一行数，读法 `x`\n另说。\n\n```\n代码\n代码\n```\n| 表 |\nabc\n数"
    )


def test_check_tells_a_stale_notebook(lesson: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert notebooks.main(["--check"]) == 1
    said = capsys.readouterr().err
    assert "01-rows.ipynb is not what" in said
    assert "01-rows.zh.ipynb is not what" in said
    assert notebooks.main(["01"]) == 0
    assert notebooks.main(["--check"]) == 0
    assert notebooks.main(["--check", "01-rows"]) == 0
    made = nbformat.read(lesson.with_suffix(".zh.ipynb"), as_version=4)
    assert [cell.source for cell in made.cells if cell.cell_type == "markdown"] == ["# 一课", "完。"]
    assert made.cells[1].source == "%load_ext glasstorch_widgets\nrows = 3"
    notebooks.chinese_of(lesson).write_text("# %%\n1", "utf-8")
    assert notebooks.main(["--check"]) == 1
    assert "needs a name" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        notebooks.main(["--check", "02"])
