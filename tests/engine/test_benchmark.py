"""``torch.utils.benchmark``: measurements of the same times say what PyTorch's say, and tables look the same."""

from __future__ import annotations

import re

import glasstorch
import glasstorch.utils.benchmark as ours
import pytest

torch = pytest.importorskip("torch")
import torch.utils.benchmark as theirs  # noqa: E402

BOTH = [pytest.param(theirs, id="torch"), pytest.param(ours, id="glasstorch")]
STEADY = [1.00e-3, 1.01e-3, 1.02e-3, 1.01e-3, 0.99e-3]
SHAKY = [1.0e-5, 1.3e-5, 1.1e-5, 2.9e-5, 0.7e-5, 1.2e-5]
GROSS = [1.0, 5.0, 0.2, 9.0]


def _measurement(B, times, runs=10, **task):
    spec = {"stmt": "f(x)", "setup": "pass", **task}
    return B.Measurement(
        number_per_run=runs, raw_times=[t * runs for t in times], task_spec=B.TaskSpec(**spec)
    )


def _text(x) -> str:
    return re.sub(r"<[\w.]*Measurement object at 0x[0-9a-f]+>", "<Measurement>", str(x))


TASKS = [
    {},
    {"label": "Sums", "sub_label": "by rows"},
    {"setup": "x = 1", "description": "4 numbers", "num_threads": 2},
    {"stmt": "y = f(x)\ng(y)", "setup": "import f\nimport g", "sub_label": "both"},
]


@pytest.mark.parametrize("times", [STEADY, SHAKY, GROSS, [2e-9], [3.0, 4.0], [0.25] * 5])
@pytest.mark.parametrize("task", TASKS)
def test_a_measurement_tells_the_same(times, task) -> None:
    a, b = _measurement(theirs, times, **task), _measurement(ours, times, **task)
    for name in ("median", "mean", "iqr"):
        assert getattr(b, name) == pytest.approx(getattr(a, name), rel=1e-9), name
    assert b.times == a.times
    assert (b.significant_figures, b.has_warnings) == (a.significant_figures, a.has_warnings)
    assert b.meets_confidence(0.5) == a.meets_confidence(0.5)
    assert (b.title, b.as_row_name, b.stmt, b.num_threads) == (a.title, a.as_row_name, a.stmt, a.num_threads)
    assert _text(b) == _text(a)
    with pytest.raises(AttributeError):
        b.fastest  # noqa: B018


@pytest.mark.parametrize("t", [3e-10, 5e-9, 4.2e-7, 1e-5, 0.02, 0.999, 1.0, 70.0, 5000.0])
def test_units_and_figures(t: float) -> None:
    assert ours.select_unit(t) == theirs.select_unit(t)
    assert ours.unit_to_english(ours.select_unit(t)[0]) == theirs.unit_to_english(theirs.select_unit(t)[0])
    for n in (1, 2, 4):
        assert ours.trim_sigfig(t, n) == pytest.approx(theirs.trim_sigfig(t, n), rel=1e-6)


def _results(B) -> list:
    done = []
    for threads in (1, 4):
        for k, description in enumerate(("n = 1", "n = 16", "")):
            for j, name in enumerate(("mul and sum", "bmm")):
                if (threads, k, j) != (4, 1, 0):  # a gap in the table
                    times = [t * (1 + 3 * k) * (1 + j) / threads for t in (STEADY, SHAKY)[j]]
                    done.append(_measurement(B, times, label="Dots", sub_label=name, description=description,
                                             num_threads=threads))  # fmt: skip
    done.append(_measurement(B, STEADY, label="Other", sub_label="alone", description=""))
    return [*done, done[0]]


@pytest.mark.parametrize("dress", [(), ("trim_significant_figures",), ("highlight_warnings",), ("colorize",),
                                   ("trim_significant_figures", "colorize", "highlight_warnings")])  # fmt: skip
def test_tables_look_the_same(dress, capsys) -> None:
    tables = []
    for B in (theirs, ours):
        table = B.Compare(_results(B)[:3])
        table.extend_results(_results(B)[3:])
        for name in dress:
            getattr(table, name)()
        tables.append(str(table))
        table.print()
    assert tables[1] == tables[0]
    assert capsys.readouterr().out == "".join(t + "\n" for t in tables)


def test_tables_of_several_environments_and_by_rows() -> None:
    tables = []
    for B in (theirs, ours):
        table = B.Compare([_measurement(B, [t * (1 + k) for t in STEADY], sub_label=name, env=env, description=str(d))
                           for env in ("before", "after") for k, name in enumerate("ab") for d in (1, 2)])  # fmt: skip
        table.colorize(rowwise=True)
        tables.append(str(table))
    assert tables[1] == tables[0]
    for B in (theirs, ours):
        with pytest.raises(ValueError, match="Expected an instance of `Measurement`"):
            B.Compare([3])


@pytest.mark.parametrize("B", BOTH)
def test_a_timer_runs_its_statement(B) -> None:
    calls = []
    timer = B.Timer("f(1)", setup="g(2)", globals={"f": calls.append, "g": calls.append}, label="Calls")
    m = timer.timeit(300)
    assert calls.count(1) == 303  # three to warm up
    assert calls[0] == 2
    assert (m.number_per_run, len(m.times), m.label, m.setup) == (300, 1, "Calls", "g(2)")
    assert 0 < m.median == m.mean
    blocks = []
    m = B.Timer("pass").blocked_autorange(callback=lambda n, t: blocks.append((n, t)), min_run_time=0.02)
    assert [n for n, _ in blocks] == [m.number_per_run] * len(m.raw_times)
    assert [t for _, t in blocks] == m.raw_times
    assert sum(m.raw_times) >= 0.02
    m = B.Timer("sum(range(100))").adaptive_autorange(threshold=1e9, min_run_time=0.001)
    assert len(m.raw_times) >= 4


@pytest.mark.parametrize("B", BOTH)
def test_a_timer_knows_torch_and_keeps_the_threads(B) -> None:
    E = torch if B is theirs else glasstorch
    before, seen = E.get_num_threads(), []
    code = """
        x = torch.ones(3)
        seen.append((x.sum().item(), torch.get_num_threads()))
    """
    m = B.Timer(code, globals={"seen": seen}, num_threads=1).timeit(1)
    assert set(seen) == {(3.0, 1)}
    assert m.stmt.startswith("x = torch")
    assert E.get_num_threads() == before


@pytest.mark.parametrize("B", BOTH)
def test_what_a_timer_refuses(B) -> None:
    with pytest.raises(ValueError, match="str"):
        B.Timer(lambda: 1)
    with pytest.raises(ValueError, match="global_setup"):
        B.Timer("pass", global_setup="#include <x>")
    with pytest.raises(ValueError, match="Invalid language"):
        B.Timer("pass", language="latin")
    for call in (B.Timer().repeat, B.Timer().autorange):
        with pytest.raises(NotImplementedError, match="blocked_autorange"):
            call()


def test_merged_measurements_and_unique_elements() -> None:
    for B in (theirs, ours):
        (m,) = B.Measurement.merge([_measurement(B, STEADY), _measurement(B, STEADY, runs=3)])
        assert (m.number_per_run, len(m.times)) == (1, 10)
        assert B.ordered_unique([3, 1, 3, 2, 1]) == [3, 1, 2]
