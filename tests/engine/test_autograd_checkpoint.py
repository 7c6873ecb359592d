"""``utils.checkpoint`` against PyTorch: both forms, random numbers, nesting, what goes wrong."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from support.alike import alike, attempt, leaf


def checkpoint(E: Any, fn: Any, *args: Any, reentrant: Any = False, **options: Any) -> Any:
    return E.utils.checkpoint.checkpoint(fn, *args, use_reentrant=reentrant, **options)


@pytest.mark.parametrize("reentrant", [True, False])
def test_values_and_gradients(reentrant: bool) -> None:
    def program(E: Any) -> Any:
        log: list[bool] = []
        x, w = leaf(E, 3), leaf(E, 3)

        def part(a: Any, b: Any) -> Any:
            log.append(E.is_grad_enabled())
            return (a * b).sin() * a

        y = checkpoint(E, part, x, w, reentrant=reentrant)
        (y * 2).sum().backward()
        return y, log, x.grad, w.grad, y.grad_fn.name()

    alike(program)


@pytest.mark.parametrize("reentrant", [True, False])
def test_random_numbers_come_again(reentrant: bool) -> None:
    def program(E: Any) -> Any:
        x = E.ones(20, requires_grad=True)
        y = checkpoint(E, lambda a: E.nn.functional.dropout(a, 0.5), x, reentrant=reentrant)
        y.sum().backward()
        return y, x.grad, E.rand(2)

    alike(program)


def test_second_derivatives_and_structures() -> None:
    def program(E: Any) -> Any:
        x = leaf(E, 3)
        y = checkpoint(E, lambda a: a**3, x)
        (g,) = E.autograd.grad(y.sum(), x, create_graph=True)
        (g2,) = E.autograd.grad(g.sum(), x)
        a, b = checkpoint(E, lambda d, *, k: (d["a"] * k, {"b": d["a"].exp()}), {"a": x}, k=2)
        b["b"].sum().backward()
        return g, g2, a, b, x.grad

    alike(program)


def test_nesting_and_early_stop() -> None:
    def program(E: Any) -> Any:
        log: list[str] = []
        x = leaf(E, 3)

        def inner(a: Any) -> Any:
            log.append("inner")
            return a.sin()

        def outer(a: Any) -> Any:
            log.append("outer")
            return checkpoint(E, inner, a.exp()) * a

        def whole(a: Any) -> Any:
            log.append("begin")
            c = a.sin().exp()
            log.append("end")
            return c * 2

        checkpoint(E, outer, x).sum().backward()
        checkpoint(E, whole, x).sum().backward()
        with E.utils.checkpoint.set_checkpoint_early_stop(False):
            checkpoint(E, whole, x).sum().backward()
        return log, x.grad

    alike(program)


def changing(first: Any, then: Any) -> Any:
    """A function that does something else when it runs again."""
    runs = iter([first])
    return lambda a: next(runs, then)(a)


MISTAKES = {
    "fewer tensors": lambda E: changing(lambda a: a.sin().cos(), lambda a: a * 2),
    "other shapes": lambda E: changing(lambda a: a.sin().exp().sum(), lambda a: a[:2].sin().exp().sum()),
    "more afterwards is fine": lambda E: changing(lambda a: a.sin().cos(), lambda a: a.sin().cos().exp()),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(name: str) -> None:
    def program(E: Any) -> Any:
        x = leaf(E, 3)
        y = checkpoint(E, MISTAKES[name](E), x)
        return attempt(lambda: y.sum().backward()), x.grad

    alike(program, words=100)


def test_refusals() -> None:
    def program(E: Any) -> Any:
        x = leaf(E, 3)
        once = checkpoint(E, lambda a: a.exp(), x)
        once.sum().backward()
        through = checkpoint(E, lambda a: a**3, x, reentrant=True)
        return (
            attempt(lambda: once.sum().backward()),
            attempt(lambda: E.autograd.grad(through.sum(), x)),
            attempt(lambda: checkpoint(E, lambda a, k: a, x, reentrant=True, k=2)),
            attempt(lambda: checkpoint(E, lambda a: a, x, reentrant=True, context_fn=lambda: 1)),
            attempt(lambda: checkpoint(E, lambda a: a, x, determinism_check="x")),
        )

    alike(program)


def test_warnings() -> None:
    def program(E: Any) -> list[str]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            E.utils.checkpoint.checkpoint(lambda a: a * 2, leaf(E, 3))
            checkpoint(E, lambda a: a * 2, leaf(E, 3, grad=False), reentrant=True)
        return [str(w.message) for w in caught]

    alike(program)


def test_contexts() -> None:
    def program(E: Any) -> Any:
        log: list[str] = []

        @contextlib.contextmanager
        def note(name: str) -> Iterator[None]:
            log.append(name)
            yield

        y = checkpoint(E, lambda a: a.sin(), leaf(E, 3), context_fn=lambda: (note("first"), note("again")))
        y.sum().backward()
        return log

    alike(program)


@pytest.mark.parametrize("reentrant", [True, False])
def test_sequential(reentrant: bool) -> None:
    def program(E: Any) -> Any:
        x = leaf(E, 3)
        m = E.nn.Sequential(*[E.nn.Linear(3, 3).double() for _ in range(5)])
        E.utils.checkpoint.checkpoint_sequential(m, 2, x, use_reentrant=reentrant).sum().backward()
        return x.grad, [p.grad for p in m.parameters()]

    alike(program)


def test_debug_lists_what_was_saved() -> None:
    import glasstorch

    x = leaf(glasstorch, 3)
    y = checkpoint(glasstorch, changing(lambda a: a.sin().cos(), lambda a: a * 2), x, debug=True)
    with pytest.raises(
        RuntimeError, match=r"(?s)saved during the original forward:\n0: .*test_autograd_checkpoint"
    ):
        y.sum().backward()
