"""Which language views speak, and where the Chinese of a lesson's own texts comes from."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from glasstorch_widgets import language, loss_curve, predict
from glasstorch_widgets.language import default_language, translated

WORDS = (
    '"What is the sum?" = "和是多少？"\n"an error" = "报错"\n"It grows." = "它在增大。"\n"Loss" = "损失"\n'
)


@pytest.fixture
def lesson(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A lesson's folder whose Chinese notebook this kernel serves."""
    for name in ("GLASSTORCH_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "07-lesson"
    folder.mkdir()
    (folder / "zh.toml").write_text(WORDS, "utf-8")
    monkeypatch.setenv("JPY_SESSION_NAME", str(folder / "07-lesson.zh.ipynb"))
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_chinese_notebook_speaks_chinese(lesson: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_language() == "zh"
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert default_language() == "zh"
    monkeypatch.setenv("GLASSTORCH_LANG", "en")
    assert default_language() == "en"
    monkeypatch.delenv("GLASSTORCH_LANG")
    monkeypatch.setenv("JPY_SESSION_NAME", str(lesson / "07-lesson.ipynb"))
    assert default_language() == "en"
    names = {"__vsc_ipynb_file__": str(lesson / "07-lesson.zh.ipynb")}
    monkeypatch.setattr(language, "shell", lambda: SimpleNamespace(user_ns=names))
    assert default_language() == "zh"


def test_a_question_is_asked_in_chinese_and_judged_as_the_code_has_it(lesson: Path) -> None:
    asked = predict("What is the sum?", ["3", "an error"], answer=lambda: "an error", explain="It grows.")
    assert (asked.question, asked.options) == ("和是多少？", ["3", "报错"])
    asked._receive(asked, {"type": "guess", "value": "报错"}, [])
    assert (asked.outcome["verdict"], asked.outcome["answer"], asked.outcome["explain"]) == (
        "right",
        "报错",
        "它在增大。",
    )
    again = predict("What is the sum?", ["3", "an error"], answer="an error")
    assert again.answer_with("3")["verdict"] == "wrong"
    assert again.guess == "3"
    assert predict("What is the sum?", ["3", "an error"], answer="3").answer_with("an error")["answer"] == "3"
    english = predict("What is the sum?", ["3", "an error"], answer="3", lang="en")
    assert (english.question, english.options) == ("What is the sum?", ["3", "an error"])


def test_titles_are_translated_and_what_has_no_translation_stays(lesson: Path) -> None:
    assert loss_curve("Loss").title == "损失"
    assert loss_curve("Accuracy").title == "Accuracy"
    assert loss_curve("").title == ""


def test_the_current_folder_will_do_and_a_damaged_file_is_left_out(
    lesson: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME")
    assert translated("Loss", "zh") == "Loss"
    monkeypatch.chdir(lesson)
    assert translated("Loss", "zh") == "损失"
    (lesson / "zh.toml").write_text("no table", "utf-8")
    assert translated("Loss", "zh") == "Loss"
