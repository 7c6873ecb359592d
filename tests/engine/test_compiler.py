"""``torch.compiler`` beside ``torch.compile``, and ``torch.functional``, against PyTorch."""

from __future__ import annotations

import functools

import glasstorch
import pytest

torch = pytest.importorskip("torch")

ENGINES = [pytest.param(torch, id="torch"), pytest.param(glasstorch, id="glasstorch")]


@pytest.fixture
def stance():
    yield
    glasstorch.compiler.set_stance("default")
    torch.compiler.set_stance("default")


def test_a_program_knows_that_it_is_being_made() -> None:
    seen = []

    @glasstorch.compile
    def f(x):
        return x * 2 if glasstorch.compiler.is_compiling() else x * 3

    def g(x):
        seen.append((glasstorch.compiler.is_compiling(), glasstorch.compiler.is_dynamo_compiling()))
        return x * 2

    x = glasstorch.ones(2)
    assert not glasstorch.compiler.is_compiling()
    assert f(x).tolist() == f(x).tolist() == [2, 2]  # the second from the program
    assert not f.reasons
    glasstorch.jit.trace(g, (x,))  # a trace is no compilation
    assert not any(a or b for a, b in seen)


def test_what_is_disabled_runs_as_it_is_written() -> None:
    calls = []

    @glasstorch.compiler.disable
    def helper(x):
        """Doubled."""
        calls.append(glasstorch.compiler.is_compiling())
        return x * 2

    @glasstorch.compile
    def f(x):
        return helper(x) + 1

    x = glasstorch.ones(2)
    assert [f(x).tolist() for _ in range(3)] == [[3, 3]] * 3
    assert len(calls) == 3
    assert any("helper" in reason and "disable" in reason for reason in f.reasons)
    assert (helper.__name__, helper.__doc__) == ("helper", "Doubled.")


def test_disable_takes_a_reason_and_modules() -> None:
    @glasstorch.compiler.disable(reason="it prints")
    def helper(x):
        return x * 2

    f = glasstorch.compile(lambda x: helper(x))
    f(glasstorch.ones(1))
    assert any(reason.endswith("it prints") for reason in f.reasons)
    layer = glasstorch.nn.Linear(2, 2)
    assert glasstorch.compiler.disable(layer) is layer
    model = glasstorch.compile(glasstorch.nn.Sequential(layer))
    x = glasstorch.ones(1, 2)
    assert model(x).tolist() == layer(x).tolist()
    assert model.reasons
    with pytest.raises(TypeError, match="function or a module"):
        glasstorch.compiler.disable(3)


@pytest.mark.parametrize("E", ENGINES)
def test_a_stance_says_whether_programs_are_used(E, stance) -> None:
    def f(x):
        return x * 2 if E.compiler.is_compiling() else x * 3

    compiled = E.compile(f, backend="eager")
    x = E.ones(1)

    @E.compiler.set_stance("force_eager")
    def eagerly():
        return compiled(x).item()

    assert compiled(x).item() == compiled(x).item() == 2
    with E.compiler.set_stance("force_eager"):
        assert compiled(x).item() == 3
    assert compiled(x).item() == 2
    assert eagerly() == 3
    assert compiled(x).item() == 2
    E.compiler.set_stance("force_eager")
    assert compiled(x).item() == 3
    E.compiler.set_stance("default")
    assert compiled(x).item() == 2


def test_a_stance_that_is_not_there_is_named() -> None:
    with pytest.raises(RuntimeError, match="'upright' is unknown"):
        glasstorch.compiler.set_stance("upright")
    with pytest.raises(RuntimeError, match="'fail_on_recompile' is not implemented"):
        glasstorch.compiler.set_stance("fail_on_recompile")


def test_reset_forgets_programs() -> None:
    def f(x):
        return x * 2

    compiled, x = glasstorch.compile(f), glasstorch.ones(2)
    compiled(x)
    (home,) = [c for c in glasstorch.jit.compile.KNOWN if c.function is f]
    assert len(home._programs.runners) == 1
    glasstorch.compiler.reset()
    assert not home._programs.runners
    assert compiled(x).tolist() == [2, 2]
    assert len(home._programs.runners) == 1


@pytest.mark.parametrize("E", ENGINES)
def test_functions_that_stand_aside(E) -> None:
    def f(x):
        return x

    assert E.compiler.allow_in_graph(f) is f
    assert E.compiler.assume_constant_result(f) is f
    assert E.compiler.cudagraph_mark_step_begin() is None
    assert not E.compiler.is_exporting()
    assert isinstance(E.compiler.disable(), functools.partial) or callable(E.compiler.disable())


@pytest.mark.parametrize("E", ENGINES)
def test_functional_is_torch_by_another_name(E) -> None:
    names = E.functional.__all__
    assert {"einsum", "meshgrid", "norm", "split", "unique"} <= set(names)
    x = E.arange(6.0).reshape(2, 3)
    assert E.functional.einsum("ij->ji", x).tolist() == x.T.tolist()
    assert [t.tolist() for t in E.functional.split(x, 2, 1)] == [t.tolist() for t in E.split(x, 2, 1)]
    assert all(callable(getattr(E.functional, name)) for name in names)
    with pytest.raises(AttributeError):
        E.functional.relu  # noqa: B018  it is no function of this module in PyTorch either


def test_functional_names_what_pytorchs_does() -> None:
    assert set(glasstorch.functional.__all__) == set(torch.functional.__all__)
