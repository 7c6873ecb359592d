"""`%%submit`, `%submit` and `%submissions` in an IPython shell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from glasstorch_widgets.exercises import magics
from glasstorch_widgets.exercises.source import CannotCollect, of_functions
from glasstorch_widgets.grading.courier import courier
from support.scripted import Scripted, scripted

pytestmark = pytest.mark.usefixtures("own_state")

TESTS = [{"id": "v", "name": "Values", "status": "failed", "score": 1, "max_score": 2, "output": "off by 1"}]
RESULT = {"status": "failed", "score": 1, "max_score": 2, "message": "0 of 1 checks passed.", "tests": TESTS}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    with scripted() as running:
        running.answers["POST", "/api/v1/submissions"] = (202, {"id": "s1", "status": "queued", "place": 1})
        running.answers["GET", "/api/v1/submissions/s1"] = (200, {"status": "done", "result": RESULT})
        monkeypatch.setenv("GLASSTORCH_GRADER_URL", running.url)
        monkeypatch.setenv("GLASSTORCH_LANG", "en")
        yield running


@pytest.fixture
def shell() -> Iterator[Any]:
    from IPython.core.interactiveshell import InteractiveShell

    made = InteractiveShell()
    magics.register(made)
    yield made
    made.history_manager.end_session()
    InteractiveShell.clear_instance()


def test_a_cell_is_run_and_handed_in(server: Scripted, shell, capsys) -> None:
    cell = "def f(x):\n    return x + 1\nprint('ran', f(1))\n"
    shell.run_cell(f"%%submit a.b\n{cell}")
    told = capsys.readouterr().out
    assert "ran 2" in told
    assert "Not passed yet (1 of 2 points)" in told
    assert "off by 1" in told
    assert shell.user_ns["f"](1) == 2
    assert [body["source"] for body, _ in server.posted] == [cell]
    # The same again, as when all cells are run: nothing new, and the result is shown.
    shell.run_cell(f"%%submit a.b\n{cell}")
    told = capsys.readouterr().out
    assert "has not changed" in told
    assert "1 of 2 points" in told
    assert len(server.posted) == 1
    shell.run_cell(f"%%submit a.b --again --no-run\n{cell}")
    assert "ran 2" not in capsys.readouterr().out
    assert len(server.posted) == 2
    shell.run_cell("%submissions")
    told = capsys.readouterr().out
    assert told.count("Not passed yet: 1 of 2 points") == 2


def test_a_new_kernel_sends_what_an_earlier_one_has_kept(server: Scripted, shell) -> None:
    courier().write_down("a.b", "x = 1\n")
    magics.register(shell)
    if thread := courier()._thread:
        thread.join(60)
    assert [body["source"] for body, _ in server.posted] == ["x = 1\n"]
    assert [one.state for one in courier().outbox.entries()] == ["done"]


def test_a_cell_with_an_error_is_not_handed_in(server: Scripted, shell, capsys) -> None:
    for broken in ("1 / 0", "def f(:"):
        shell.run_cell(f"%%submit a.b\n{broken}")
        assert "nothing was handed in for a.b" in capsys.readouterr().out
    assert server.posted == []
    assert courier().outbox.entries() == []


def test_marks_and_names_say_what_is_handed_in(server: Scripted, shell, capsys) -> None:
    marked = "import math\n# @exercise a.b\ndef f():\n    return 1\n# @end\nprint(f())\n"
    shell.run_cell(f"%%submit a.b\n{marked}", store_history=True)
    shell.run_cell("def f():\n    return math.pi\n", store_history=True)
    shell.run_cell("%submit a.b f")
    shell.run_cell("%submit a.b g")
    assert "there is no `g` in this notebook" in capsys.readouterr().out
    shell.run_cell("%submit a.b")  # the marked cell, which was handed in before the function
    shell.run_cell("%submit c.d")
    assert "# @exercise c.d" in capsys.readouterr().out
    first, named, *again = [body["source"] for body, _ in server.posted]
    assert first == "def f():\n    return 1\n"
    assert named == "import math\n\n\ndef f():\n    return math.pi\n"
    assert again == [first]


def test_functions_bring_the_imports_they_need_and_name_what_is_missing() -> None:
    import math
    from os import path as place

    import numpy as np

    helper.__module__ = "__main__"  # as in a notebook
    names = {"np": np, "place": place, "math": math, "outer": outer, "helper": helper, "Pair": Pair}
    assert of_functions(["outer", "helper"], names).startswith(
        "import math\nimport numpy as np\nimport posixpath as place\n\n\ndef outer(values):"
    )
    with pytest.raises(CannotCollect, match="`outer` uses `helper`"):
        of_functions(["outer"], names)
    with pytest.raises(CannotCollect, match="not a function or class"):
        of_functions(["n"], {"n": 3})
    assert of_functions(["Pair"], names).startswith("import math\n\n\nclass Pair:")


np = math = place = None  # only the notebook's names count


def outer(values):
    total = [helper(value) for value in values]

    def inner(total):
        return np.sum(total) + place.sep.count("/")

    return inner(total)


def helper(value):
    return math.sin(value) if value else len(str(value))


class Pair:
    size = 2

    def root(self):
        return math.sqrt(self.size)


def test_the_table_holds_no_markup_of_others(server: Scripted, shell) -> None:
    server.answers["POST", "/api/v1/submissions"] = (422, {"detail": "<script>alert(1)</script>"})
    shell.run_cell("%submit a.b")
    shell.run_cell("%%submit a.b\nx = 1\n")
    table = shell.run_line_magic("submissions", "")._repr_html_()
    assert "&lt;script&gt;" in table
    assert "<script" not in table


def test_progress_is_told_saved_and_restored(shell, capsys, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("GLASSTORCH_LANG", "en")
    monkeypatch.chdir(tmp_path)
    shell.run_cell("%progress")
    assert "0 exercises passed" in capsys.readouterr().out
    shell.run_cell("%progress save 'so far.json'")
    assert "Saved in" in capsys.readouterr().out
    assert (tmp_path / "so far.json").exists()
    shell.run_cell("%progress restore so far.json")
    assert "was here already" in capsys.readouterr().out
    shell.run_cell("%progress restore")
    assert "Write `%progress`" in capsys.readouterr().out
    monkeypatch.setenv("GLASSTORCH_LANG", "zh")
    shell.run_cell("%progress restore gone.json")
    assert "无法读取" in capsys.readouterr().out
