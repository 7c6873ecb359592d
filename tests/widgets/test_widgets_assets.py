"""The scripts, styles and words that the package ships."""

from __future__ import annotations

import re

import pytest
from glasstorch_widgets import bundle
from glasstorch_widgets.language import FOLDER, default_language, labels
from glasstorch_widgets.view import View

VIEWS = sorted({cls.module for cls in View.__subclasses__()})
HOMES = ("widget", "page", "element")


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_one_small_module_that_loads_nothing(view: str, home: str) -> None:
    text = bundle.script(view, home)
    assert len(text.encode()) < 60_000
    assert not re.search(r"^\s*import\b", text, re.MULTILINE)
    assert "import(" not in text
    assert set(re.findall(r"https?://[\w./]+", text)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1998/Math/MathML",
    }
    assert len(re.findall(r"^export ", text, re.MULTILINE)) == 1


@pytest.mark.parametrize("view", VIEWS)
def test_joined_modules_do_not_clash(view: str) -> None:
    names = [*bundle.modules(view), *(f"home_{home}.js" for home in HOMES)]
    text = "".join((bundle.STATIC / name).read_text("utf-8") for name in names)
    declared = re.findall(r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", text, re.MULTILINE)
    assert len(declared) == len(set(declared)), sorted(n for n in declared if declared.count(n) > 1)


def test_modules_come_after_what_they_import() -> None:
    order = bundle.modules("graph_view.js")
    assert order[-1] == "graph_view.js"
    assert order.index("dom.js") < order.index("tensor_grid.js") < order.index("graph_details.js")
    assert len(order) == len(set(order))


def test_both_languages_say_the_same_things() -> None:
    names = sorted(path.stem for path in (FOLDER / "en").glob("*.json"))
    assert names == sorted(path.stem for path in (FOLDER / "zh").glob("*.json"))
    assert {"common", *(cls.words for cls in View.__subclasses__())} <= set(names)
    for name in names:
        english, chinese = labels("en", name), labels("zh", name)
        assert english.keys() == chinese.keys(), name
        for key, text in english.items():
            assert set(re.findall(r"\{\w+\}", text)) >= set(re.findall(r"\{\w+\}", chinese[key])), key
            assert text.strip()
            assert chinese[key].strip()


@pytest.mark.parametrize("view", View.__subclasses__())
def test_every_word_that_a_script_uses_exists(view: type[View]) -> None:
    known = labels("en", view.words)
    for name in bundle.modules(view.module):
        text = (bundle.STATIC / name).read_text("utf-8")
        used = set(re.findall(r"labels\.(\w+)", text))
        assert used <= known.keys(), (name, used - known.keys())


def test_the_language_comes_from_the_environment(monkeypatch) -> None:
    for name in ("GLASSTORCH_LANG", "JPY_SESSION_NAME", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert default_language() == "en"
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert default_language() == "zh"
    monkeypatch.setenv("GLASSTORCH_LANG", "en")
    assert default_language() == "en"
    with pytest.raises(ValueError, match="en, zh"):
        labels("fr", "graph")
