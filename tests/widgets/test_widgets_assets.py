"""The scripts, styles and words that the package ships."""

from __future__ import annotations

import json
import re

import pytest
from glasstorch_widgets import bundle
from glasstorch_widgets.language import default_language, labels

ENTRIES = ("graph_view.widget.js", "loss_curve.widget.js", "predict.widget.js", "check.widget.js")
LABELS = bundle.STATIC.parent / "labels"


@pytest.mark.parametrize("entry", [*ENTRIES, "graph_view.page.js"])
def test_a_view_is_one_small_module_that_loads_nothing(entry: str) -> None:
    text = bundle.script(entry)
    assert len(text.encode()) < 60_000
    assert not re.search(r"^\s*import\b", text, re.MULTILINE)
    assert "import(" not in text
    assert set(re.findall(r"https?://[\w./]+", text)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1998/Math/MathML",
    }
    assert len(re.findall(r"^export ", text, re.MULTILINE)) == 1


@pytest.mark.parametrize("entry", [*ENTRIES, "graph_view.page.js"])
def test_joined_modules_do_not_clash(entry: str) -> None:
    declared = re.findall(
        r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", bundle.script(entry), re.MULTILINE
    )
    assert len(declared) == len(set(declared)), sorted(n for n in declared if declared.count(n) > 1)


def test_modules_come_after_what_they_import() -> None:
    order = bundle.modules("graph_view.widget.js")
    assert order[-1] == "graph_view.widget.js"
    assert order.index("dom.js") < order.index("tensor_grid.js") < order.index("graph_details.js")
    assert len(order) == len(set(order))


def test_both_languages_say_the_same_things() -> None:
    english = json.loads((LABELS / "en.json").read_text("utf-8"))
    chinese = json.loads((LABELS / "zh.json").read_text("utf-8"))
    for part, texts in english.items():
        assert texts.keys() == chinese[part].keys()
        for key, text in texts.items():
            assert set(re.findall(r"\{\w+\}", text)) >= set(re.findall(r"\{\w+\}", chinese[part][key])), key
            assert text.strip()
            assert chinese[part][key].strip()


@pytest.mark.parametrize(
    ("view", "files"),
    [
        ("graph", ("graph_view.js", "graph_canvas.js", "graph_details.js", "tensor_grid.js")),
        ("curve", ("loss_curve.js",)),
        ("predict", ("predict.js",)),
        ("check", ("check.js",)),
    ],
)
def test_every_word_that_a_script_uses_exists(view: str, files: tuple[str, ...]) -> None:
    known = labels("en", view)
    for name in files:
        text = (bundle.STATIC / name).read_text("utf-8")
        used = set(re.findall(r"labels\.(\w+)", text))
        assert used <= known.keys(), (name, used - known.keys())


def test_the_language_comes_from_the_environment(monkeypatch) -> None:
    for name in ("GLASSTORCH_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert default_language() == "en"
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert default_language() == "zh"
    monkeypatch.setenv("GLASSTORCH_LANG", "en")
    assert default_language() == "en"
    with pytest.raises(ValueError, match="en, zh"):
        labels("fr", "graph")
