"""Custom ``autograd.Function``s against PyTorch: everything a context offers, all refusals, transforms."""

from __future__ import annotations

from typing import Any

import pytest
from support.alike import alike, attempt, leaf


def function(E: Any, forward: Any, backward: Any, **members: Any) -> Any:
    """A Function named F of static methods."""
    body: dict[str, Any] = {"forward": staticmethod(forward)}
    if backward is not None:
        body["backward"] = staticmethod(backward)
    body.update({k: staticmethod(v) if callable(v) else v for k, v in members.items()})
    return type("F", (E.autograd.Function,), body)


def run(E: Any, forward: Any, backward: Any, *args: Any) -> Any:
    """Apply, sum, walk back: the output, or what was raised."""
    F = function(E, forward, backward)

    def go() -> Any:
        y = F.apply(*args)
        y.sum().backward()
        return y

    return attempt(go)


def twice(ctx: Any, a: Any) -> Any:
    return a * 2


def raising(ctx: Any, g: Any) -> Any:
    raise ValueError("boom")


BACKWARDS = {
    "too many": lambda E: (lambda ctx, a, b: a * b, lambda ctx, g: (g, g, g), leaf(E, 2), leaf(E, 2)),
    "too few": lambda E: (lambda ctx, a, b: a * b, lambda ctx, g: g, leaf(E, 2), leaf(E, 2)),
    "for a number": lambda E: (lambda ctx, a, k: a * k, lambda ctx, g: (g, g), leaf(E, 2), 2),
    "a number": lambda E: (twice, lambda ctx, g: 3.0, leaf(E, 2)),
    "another shape": lambda E: (twice, lambda ctx, g: E.ones(5), leaf(E, 2)),
    "a shape to reduce": lambda E: (twice, lambda ctx, g: g.expand(3, 2), leaf(E, 2)),
    "too small a shape": lambda E: (twice, lambda ctx, g: g.sum(), leaf(E, 2)),
    "another type": lambda E: (twice, lambda ctx, g: g.float(), leaf(E, 2)),
    "complex for real": lambda E: (twice, lambda ctx, g: g * (1 + 1j), leaf(E, 2)),
    "None": lambda E: (twice, lambda ctx, g: None, leaf(E, 2)),
    "an error": lambda E: (twice, raising, leaf(E, 2)),
    "missing": lambda E: (twice, None, leaf(E, 2)),
    "many arguments": lambda E: (
        lambda ctx, *a: sum(a), lambda ctx, g: (g,) * 3, leaf(E, 2), leaf(E, 2), leaf(E, 2)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BACKWARDS)
def test_gradients_that_come_back(name: str) -> None:
    def program(E: Any) -> Any:
        forward, backward, *args = BACKWARDS[name](E)
        return run(E, forward, backward, *args), [a.grad for a in args if isinstance(a, E.Tensor)]

    alike(program)


def marked(ctx: Any, a: Any) -> Any:
    positive = a > 0
    ctx.mark_non_differentiable(positive)
    return a * 2, positive


def unmaterialized(ctx: Any, a: Any) -> Any:
    ctx.set_materialize_grads(False)
    return a * 2, a * 3


def test_context() -> None:
    def program(E: Any) -> Any:
        log: list[Any] = []
        x, y = leaf(E, 2), leaf(E, 2, grad=False)

        def note(*values: Any) -> None:
            log.append(list(values))

        F = function(E, marked, lambda ctx, g, h: (note(h.dtype == E.bool), g * 2)[1])
        doubled, positive = F.apply(x)
        doubled.sum().backward()
        F = function(E, unmaterialized, lambda ctx, g, h: (note(g is None, h is None), h * 3)[1])
        F.apply(x)[1].sum().backward()
        F = function(E, lambda ctx, a, b: a * b, lambda ctx, g: (note(*ctx.needs_input_grad), (g, None))[1])
        F.apply(x, y).sum().backward()
        F = function(E, lambda ctx, a: (a * 2, 3, "x", None), lambda ctx, g, *rest: (note(*rest), g)[1])
        outputs = F.apply(x)
        outputs[0].sum().backward()
        return log, positive, outputs[1:], x.grad

    alike(program)


def test_saved_tensors() -> None:
    def program(E: Any) -> Any:
        seen: list[Any] = []

        def forward(ctx: Any, a: Any) -> Any:
            out = a.exp()
            ctx.save_for_backward(a, out, None)
            return out

        def backward(ctx: Any, g: Any) -> Any:
            a, out, nothing = ctx.saved_tensors
            seen.append([a is x, a.requires_grad, out.requires_grad, out.grad_fn.name(), nothing])
            return g * out

        x = leaf(E, 2)
        y = function(E, forward, backward).apply(x)
        (g,) = E.autograd.grad(y.sum(), x, create_graph=True)
        (g2,) = E.autograd.grad(g.sum(), x)
        node = y.grad_fn
        names = node.name(), type(node).__name__, str(node).split(" object")[0], node.needs_input_grad
        y.sum().backward()
        return (
            g,
            g2,
            seen,
            names,
            attempt(lambda: node.saved_tensors),
            attempt(lambda: function(E, lambda ctx, a: ctx.save_for_backward(3), backward).apply(x)),
        )

    alike(program)


def add_one(ctx: Any, a: Any) -> Any:
    a.add_(1)
    ctx.mark_dirty(a)
    return a


def add_one_and_double(ctx: Any, a: Any) -> Any:
    a.add_(1)
    ctx.mark_dirty(a)
    return a * 2


def test_writing_in_place() -> None:
    def program(E: Any) -> Any:
        x = leaf(E, 4)
        F = function(E, add_one, lambda ctx, g: g * 5)
        base = x * 1
        view = base[:2]
        same = F.apply(view) is view
        base.sum().backward()
        return (
            same, base, x.grad, base._version,
            attempt(lambda: F.apply(leaf(E, 2))),
            attempt(lambda: function(E, add_one_and_double, lambda ctx, g: g).apply(leaf(E, 2) * 1)),
        )  # fmt: skip

    alike(program)


def test_returning_an_input_or_a_view_of_it() -> None:
    def program(E: Any) -> Any:
        x = leaf(E, 2, 2)
        y = function(E, lambda ctx, a: a, lambda ctx, g: g * 5).apply(x)
        y.sum().backward()
        z = function(E, lambda ctx, a: a.view(-1), lambda ctx, g: g.view(2, 2)).apply(x)
        facts = y is x, y.requires_grad, y._is_view(), y._version, y.grad_fn.name(), z._is_view()
        return x.grad, facts, attempt(lambda: y.add_(1)), attempt(lambda: z.add_(1))

    alike(program)


def test_once_differentiable() -> None:
    def program(E: Any) -> Any:
        once = E.autograd.function.once_differentiable(lambda ctx, g: g * 2)
        F, x = function(E, twice, once), leaf(E, 2)
        v = E.ones(2, dtype=E.float64, requires_grad=True)
        (g,) = E.autograd.grad(F.apply(x), x, v, create_graph=True)
        return g, attempt(lambda: g.sum().backward())

    alike(program)


def test_hooks_and_outputs() -> None:
    def program(E: Any) -> Any:
        log: list[Any] = []
        x, y = leaf(E, 2), leaf(E, 2)
        F = function(E, lambda ctx, a, b: (a * 2, b * 3), lambda ctx, g, k: (g * 2, k * 3))
        u, v = F.apply(x, y)
        u.register_hook(lambda g: log.append(g.tolist()))
        v.register_hook(lambda g: g * 100)
        u.grad_fn.register_hook(lambda ins, outs: log.append([len(ins), len(outs), ins[1].tolist()]))
        u.retain_grad()
        (u + v).sum().backward()
        return log, x.grad, y.grad, u.grad, u.output_nr, v.output_nr

    alike(program)


def test_refusals() -> None:
    def program(E: Any) -> Any:
        x = leaf(E, 2)
        both = function(E, twice, lambda ctx, g: g, vjp=lambda ctx, g: g)
        only_vjp = function(E, twice, None, vjp=lambda ctx, g: g * 7)
        only_vjp.apply(x).sum().backward()
        keyword = function(E, lambda ctx, a, *, k: a, lambda ctx, g: g)
        return (
            x.grad,
            attempt(lambda: both.apply(x).sum().backward()),
            attempt(lambda: type("F", (E.autograd.Function,), {}).apply(x)),
            attempt(lambda: keyword.apply(x, k=2)),
            attempt(lambda: both()(x)),
        )

    alike(program)


def cube_parts() -> dict[str, Any]:
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return 3 * x**2 * g

    return {"forward": lambda x: x**3, "backward": backward, "setup_context": setup_context}


def test_setup_context() -> None:
    def program(E: Any) -> Any:
        F, x = function(E, **cube_parts()), leaf(E, 3)
        y = F.apply(x)
        y.sum().backward()
        return y, x.grad

    alike(program)


def test_transforms_with_a_generated_rule() -> None:
    def program(E: Any) -> Any:
        F, x, func = function(E, **cube_parts(), generate_vmap_rule=True), leaf(E, 3, grad=False), E.func
        return (
            func.vmap(F.apply)(x),
            func.grad(lambda x: F.apply(x).sum())(x),
            func.vmap(func.grad(F.apply))(x),
            func.jacrev(F.apply)(x),
            func.vmap(func.grad(func.grad(F.apply)))(x),
            func.grad(lambda w: func.vmap(lambda x: F.apply(x * w))(x).sum())(x[0]),
        )

    alike(program)


def test_transforms_with_own_rules() -> None:
    def program(E: Any) -> Any:
        log: list[Any] = []
        x = leaf(E, 3, grad=False)

        def vmap(info: Any, in_dims: tuple, x: Any) -> Any:
            log.append([info.batch_size, info.randomness, len(in_dims)])
            return F.apply(x), 0

        def jvp(ctx: Any, t: Any) -> Any:  # wrong on purpose, to see that it is used
            (x,) = ctx.saved_tensors
            return 3 * x**2 * t * 1.5

        F = function(E, **cube_parts(), vmap=vmap, jvp=jvp)
        return E.func.vmap(F.apply)(x), E.func.jvp(F.apply, (x,), (x,)), log

    alike(program)


def test_transforms_without_rules() -> None:
    def program(E: Any) -> Any:
        x = leaf(E, 3, grad=False)
        old = function(E, twice, lambda ctx, g: g * 2)
        F = function(E, **cube_parts())
        return (
            attempt(lambda: E.func.grad(lambda x: old.apply(x).sum())(x)),
            attempt(lambda: E.func.vmap(F.apply)(x)),
            attempt(lambda: E.func.jvp(F.apply, (x,), (x,))),
        )

    alike(program)
