"""``func``: grad, vjp, jvp, Jacobians, Hessians and their nesting, against PyTorch."""

from __future__ import annotations

from typing import Any

import pytest
from support.alike import alike, attempt, leaf


def f(x: Any) -> Any:
    return (x**2 * x.roll(1)).sin()


def x3(E: Any, grad: bool = False) -> Any:
    return leaf(E, 3, grad=grad)


def without_gradient(E: Any, x: Any) -> Any:
    with E.no_grad():
        c = x**2
    return (x - c).sum()


PROGRAMS = {
    "grad and value": lambda E: E.func.grad_and_value(lambda x: (x**2).sum())(x3(E)),
    "grad with aux": lambda E: E.func.grad(lambda x: ((x**2).sum(), x * 2), has_aux=True)(x3(E)),
    "grad of several": lambda E: E.func.grad(lambda a, b: (a * b).sum(), argnums=(0, 1))(x3(E), x3(E) + 1),
    "grad of the last": lambda E: E.func.grad(lambda a, b: (a * b).sum(), argnums=-1)(x3(E), x3(E) + 1),
    "grad of a dict": lambda E: E.func.grad(lambda d: (d["a"] * d["b"]).sum())({"a": x3(E), "b": x3(E) + 1}),
    "hessian": lambda E: E.func.hessian(lambda x: f(x).sum())(x3(E)),
    "hessian of two": lambda E: E.func.hessian(lambda a, b: (a * b.sum()).sin().sum(), argnums=(0, 1))(
        x3(E), leaf(E, 2, grad=False)
    ),
    "jacfwd": lambda E: E.func.jacfwd(f)(x3(E)),
    "jacrev": lambda E: E.func.jacrev(f)(x3(E)),
    "jacrev in chunks": lambda E: E.func.jacrev(f, chunk_size=2)(x3(E)),
    "jacrev row by row": lambda E: E.func.jacrev(f, chunk_size=1)(x3(E)),
    "jacrev of trees": lambda E: E.func.jacrev(lambda d: (d["a"] * d["b"], d["a"].sum()))(
        {"a": x3(E), "b": x3(E) + 1}
    ),
    "jacfwd of trees": lambda E: E.func.jacfwd(lambda a, b: {"u": a * b.sum(), "v": b}, argnums=(0, 1))(
        x3(E), leaf(E, 2, grad=False)
    ),
    "jacrev with aux": lambda E: E.func.jacrev(lambda x: (x * 2, x.sum()), has_aux=True)(x3(E)),
    "jacrev of jacfwd": lambda E: E.func.jacrev(E.func.jacfwd(f))(x3(E)),
    "jacfwd of jacfwd": lambda E: E.func.jacfwd(E.func.jacfwd(f))(x3(E)),
    "jacrev of jacrev": lambda E: E.func.jacrev(E.func.jacrev(f))(x3(E)),
    "jacrev of vmap": lambda E: E.func.jacrev(E.func.vmap(lambda x: x.sin() * x.sum()))(
        leaf(E, 2, 3, grad=False)
    ),
    "vmap of jacfwd": lambda E: E.func.vmap(E.func.jacfwd(f))(leaf(E, 2, 3, grad=False)),
    "third derivative": lambda E: E.func.grad(E.func.grad(E.func.grad(lambda x: x.sin() * x)))(
        E.tensor(0.3, dtype=E.float64)
    ),
    "no confusion of levels": lambda E: E.func.grad(
        lambda x: x * E.func.grad(lambda y: x + y)(E.tensor(1.0))
    )(E.tensor(2.0)),
    "grad in vmap in grad": lambda E: E.func.grad(
        lambda w: E.func.vmap(lambda x: E.func.grad(lambda z: (z * w * x).sin())(x))(x3(E)).sum()
    )(E.tensor(0.7, dtype=E.float64)),
    "jvp": lambda E: E.func.jvp(f, (x3(E),), (x3(E) + 1,)),
    "jvp with aux": lambda E: E.func.jvp(lambda x: (x * 2, x), (x3(E),), (x3(E),), has_aux=True),
    "jvp of what does not depend": lambda E: E.func.jvp(lambda x: (x * 2, E.ones(2)), (x3(E),), (x3(E),)),
    "jvp of grad": lambda E: E.func.jvp(E.func.grad(lambda x: (x**3).sum()), (x3(E),), (x3(E),)),
    "jvp of jvp": lambda E: E.func.jvp(
        lambda x: E.func.jvp(lambda y: y.sin(), (x,), (x * 2,))[1], (x3(E),), (x3(E),)
    ),
    "vmap of jvp": lambda E: E.func.vmap(lambda x: E.func.jvp(lambda y: y.sin(), (x,), (x,)))(x3(E)),
    "grad of jvp": lambda E: E.func.grad(lambda x: E.func.jvp(lambda y: (x * y).sin(), (x,), (x,))[1].sum())(
        x3(E)
    ),
    "vjp": lambda E: (lambda out, pull: (out, pull(E.ones_like(out))))(*E.func.vjp(f, x3(E))),
    "vjp of grad": lambda E: E.func.vjp(E.func.grad(lambda x: (x**3).sum()), x3(E))[1](x3(E)),
    "complex input": lambda E: E.func.grad(lambda x: (x * x.conj()).real.sum())(E.complex(x3(E), x3(E) + 1)),
    "detach": lambda E: E.func.vmap(E.func.grad(lambda x: (x.detach() * x).sum()))(leaf(E, 2, 3, grad=False)),
    "no_grad inside": lambda E: E.func.grad(lambda x: without_gradient(E, x))(x3(E)),
    "autograd.grad inside": lambda E: E.func.grad(
        lambda x: E.autograd.grad((x**3).sum(), x, create_graph=True)[0].sum()
    )(x3(E)),
    "autograd.grad inside vmap": lambda E: E.func.vmap(
        E.func.grad(lambda x: E.autograd.grad((x**3).sum(), x, create_graph=True)[0].sum())
    )(leaf(E, 2, 3, grad=False)),
    "number from a tensor": lambda E: E.func.grad(lambda x: x.sum() * x.sum().item())(x3(E)),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name: str) -> None:
    alike(PROGRAMS[name])


def test_histories_outside() -> None:
    def program(E: Any) -> Any:
        w, x = x3(E, True), x3(E)
        captured = E.func.grad(lambda x: ((x * w) ** 2).sum())(x)
        captured.sum().backward()
        given = E.func.grad(lambda x: (x**3).sum())(w)
        g2 = E.autograd.grad(given.sum(), w)
        with E.no_grad():
            outside = E.func.grad(lambda x: (x**3).sum())(w)
        return captured, w.grad, given, g2, outside, E.func.grad(lambda x: (x**3).sum())(x)

    alike(program)


def test_modules() -> None:
    def program(E: Any) -> Any:
        m = E.nn.Linear(3, 2).double()
        g = E.func.grad(lambda x: m(x).sum())(x3(E))
        g.sum().backward()
        through = E.func.vmap(m)(leaf(E, 4, 3, grad=False))
        through.sum().backward()
        return g, through, m.weight.grad, m.bias.grad

    alike(program)


def test_gradients_for_each_sample() -> None:
    def program(E: Any) -> Any:
        nn = E.nn
        layers = [nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 2)]
        m = nn.Sequential(*layers).double()
        params = {k: v.detach() for k, v in m.named_parameters()}

        def loss(p: dict, x: Any, y: Any) -> Any:
            out = E.func.functional_call(m, p, (x.unsqueeze(0),))
            return nn.functional.cross_entropy(out, y.unsqueeze(0))

        x, y = leaf(E, 5, 1, 6, 6, grad=False), E.tensor([0, 1, 0, 1, 1])
        return E.func.vmap(E.func.grad(loss), in_dims=(None, 0, 0))(params, x, y)

    alike(program)


def test_ensembles() -> None:
    def program(E: Any) -> Any:
        models = [E.nn.Linear(3, 2) for _ in range(4)]
        params, buffers = E.func.stack_module_state(models)
        call = lambda p, b, x: E.func.functional_call(models[0], (p, b), (x,))  # noqa: E731
        shared, own = leaf(E, 5, 3, grad=False).float(), leaf(E, 4, 5, 3, grad=False).float()
        return (
            params,
            E.func.vmap(call, in_dims=(0, 0, None))(params, buffers, shared),
            E.func.vmap(call, in_dims=(0, 0, 0))(params, buffers, own),
        )

    alike(program)


def test_functional_call() -> None:
    def program(E: Any) -> Any:
        linear, ones = E.nn.Linear(2, 2), E.ones(2, 2)
        call = E.func.functional_call
        norm = E.nn.BatchNorm1d(2).double()
        buffers = {k: v.clone() for k, v in norm.named_buffers()}
        normed = call(norm, buffers, (leaf(E, 4, 2, grad=False),))
        return (
            call(linear, {"weight": ones}, (E.ones(2),)),
            linear(E.ones(2)),
            call(linear, ({"weight": ones}, {"bias": E.ones(2)}), E.ones(2)),
            attempt(lambda: call(linear, {"weight": ones}, (E.ones(2),), strict=True)),
            attempt(lambda: call(linear, {"weight": ones, "x": ones}, (E.ones(2),), strict=True)),
            attempt(lambda: call(linear, [{"weight": ones}, {"weight": ones}], (E.ones(2),))),
            attempt(lambda: call(linear, 3, (E.ones(2),))),
            normed, buffers, dict(norm.named_buffers()),
        )  # fmt: skip

    alike(program)


def test_tied_weights() -> None:
    def program(E: Any) -> Any:
        class Tied(E.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.a, self.b = E.nn.Linear(2, 2), E.nn.Linear(2, 2)
                self.b.weight = self.a.weight

            def forward(self, x: Any) -> Any:
                return self.b(self.a(x))

        m, x, call = Tied(), E.ones(2), E.func.functional_call
        ones, zeros = E.ones(2, 2), E.zeros(2, 2)
        return (
            call(m, {"a.weight": ones}, (x,)),
            call(m, {"a.weight": ones}, (x,), tie_weights=False),
            type(attempt(lambda: call(m, {"a.weight": ones, "b.weight": zeros}, (x,)))).__name__,
        )

    alike(program)


def test_linearize() -> None:
    def program(E: Any) -> Any:
        out, push = E.func.linearize(f, x3(E))
        return out, push(x3(E) + 1), push(x3(E) * 2), attempt(lambda: push(E.ones(2, dtype=E.float64)))

    alike(program)


ERRORS = [
    lambda E, x: E.func.grad(lambda x: x)(x),
    lambda E, x: E.func.grad(lambda x: 1.0)(x),
    lambda E, x: E.func.grad(lambda x: x.sum())(1.0),
    lambda E, x: E.func.grad(lambda x: x.sum(), argnums=2)(x),
    lambda E, x: E.func.grad(lambda x: x.sum())(E.ones(3, dtype=E.int64)),
    lambda E, x: E.func.grad(lambda x: (x.sum(), 1, 2), has_aux=True)(x),
    lambda E, x: E.func.grad(lambda x: x.sin_().sum())(x),
    lambda E, x: E.func.jvp(lambda x: x.sum(), x, x),
    lambda E, x: E.func.jvp(lambda x: x.sum(), (x,), (x, x)),
    lambda E, x: E.func.jvp(lambda x: x.sum(), (x,), (E.ones(2),)),
    lambda E, x: E.func.jvp(lambda x: E.ones(2), (x,), (x,), strict=True),
    lambda E, x: E.func.vjp(lambda x: x * 2, x)[1](E.ones(2)),
    lambda E, x: E.func.vjp(lambda x: (x * 2, x), x)[1](x),
    lambda E, x: E.func.vjp(lambda x: 2, x),
    lambda E, x: E.func.vjp(lambda x: x.long(), x),
    lambda E, x: E.func.jacrev(lambda x: x, argnums=4)(x),
    lambda E, x: E.func.jacrev(lambda x, y: x * y, argnums=(0, 0))(x, x),
    lambda E, x: E.func.jacrev(lambda x, y: x * y, argnums=())(x, x),
    lambda E, x: E.func.jacrev(lambda x: x, chunk_size=0),
    lambda E, x: E.func.jacfwd(lambda x: 2)(x),
    lambda E, x: E.func.stack_module_state([]),
    lambda E, x: E.func.stack_module_state([E.nn.Linear(2, 2), E.nn.Linear(2, 2).eval()]),
    lambda E, x: E.func.stack_module_state([E.nn.Linear(2, 2), E.nn.ReLU()]),
]


@pytest.mark.parametrize("k", range(len(ERRORS)))
def test_errors(k: int) -> None:
    alike(lambda E: ERRORS[k](E, leaf(E, 3, grad=False)))


def test_batched_gradients() -> None:
    def program(E: Any) -> Any:
        x = x3(E, True)
        y, eye = x**3, E.eye(3, dtype=E.float64)
        rows = E.autograd.grad(y, x, eye, is_grads_batched=True, retain_graph=True)
        mapped = E.func.vmap(lambda v: E.autograd.grad(y, x, v, retain_graph=True)[0])(eye)
        (again,) = E.autograd.grad(y, x, eye, is_grads_batched=True, create_graph=True)
        again.sum().backward()
        return rows, mapped, x.grad

    alike(program)


def test_dual_numbers() -> None:
    def program(E: Any) -> Any:
        ad = E.autograd.forward_ad
        x = x3(E, True)
        with ad.dual_level():
            dual = ad.make_dual(x, x3(E) + 1)
            tangent = ad.unpack_dual(dual**3).tangent
            plain = ad.unpack_dual(E.ones(2)).tangent
            wrong = attempt(lambda: ad.make_dual(E.ones(2), E.ones(3)))
            twice = attempt(lambda: ad.enter_dual_level())
        return (tangent, E.autograd.grad(tangent.sum(), x), plain, wrong, twice,
                attempt(lambda: ad.make_dual(x, x)))  # fmt: skip

    alike(program)


def test_a_dual_tensor_gives_back_the_tangent_that_it_was_given() -> None:
    def program(E: Any) -> Any:
        ad = E.autograd.forward_ad
        with ad.dual_level():
            tangent = x3(E) + 1
            dual, other = ad.make_dual(x3(E), tangent), ad.make_dual(x3(E), x3(E))
            found = [ad.unpack_dual(t).tangent is tangent for t in (dual, other, dual * 1)]
            return found, ad.unpack_dual(dual).primal, ad.unpack_dual(dual * 2).tangent

    alike(program)
