"""Hooks against PyTorch: on saved tensors, gradients and nodes, their order; gradient edges; anomaly mode."""

from __future__ import annotations

from typing import Any

import pytest
from support.alike import alike, attempt, leaf


def test_order_of_hooks() -> None:
    def program(E: Any) -> list[str]:
        log: list[str] = []
        x, w1, w2 = leaf(E, 2), leaf(E, 2), leaf(E, 2)
        for name, t in (("x", x), ("w1", w1), ("w2", w2)):
            t.register_hook(lambda g, name=name: log.append(name))
            t.register_post_accumulate_grad_hook(lambda p, name=name: log.append(f"after {name}"))
        h = x * w1
        h.register_hook(lambda g: log.append("h"))
        k = h.exp()
        k.register_hook(lambda g: log.append("k"))
        k.grad_fn.register_hook(lambda ins, outs: log.append("node k"))
        k.grad_fn.register_prehook(lambda outs: log.append("before node k"))
        ((k * w2).sum() + w1.sum()).backward()
        return log

    alike(program)


HOOKS = {
    "replace": lambda E, x, y: y.register_hook(lambda g: g * 10),
    "in place": lambda E, x, y: y.register_hook(lambda g: g.mul_(5) and None),
    "on the node": lambda E, x, y: y.grad_fn.register_hook(lambda ins, outs: (ins[0] + 1, None)),
    "before the node": lambda E, x, y: y.grad_fn.register_prehook(lambda outs: (outs[0] * 3,)),
    "no tensor": lambda E, x, y: x.register_hook(lambda g: 3),
    "another shape": lambda E, x, y: x.register_hook(lambda g: g.sum()),
    "too many": lambda E, x, y: y.grad_fn.register_hook(lambda ins, outs: (ins[0],) * 3),
    "grad set to None": lambda E, x, y: x.register_post_accumulate_grad_hook(
        lambda p: setattr(p, "grad", None)
    ),
    "removed": lambda E, x, y: x.register_hook(lambda g: g * 2).remove(),
}


@pytest.mark.parametrize("name", HOOKS)
def test_hooks(name: str) -> None:
    def program(E: Any) -> Any:
        x = leaf(E, 2)
        y = x * 2
        HOOKS[name](E, x, y)
        return attempt(lambda: y.sum().backward()), x.grad

    alike(program)


def test_hooks_that_are_refused() -> None:
    def program(E: Any) -> Any:
        return (
            attempt(lambda: (leaf(E, 2) * 1).register_post_accumulate_grad_hook(print)),
            attempt(lambda: E.ones(2).register_post_accumulate_grad_hook(print)),
            attempt(lambda: E.ones(2).register_hook(print)),
            attempt(lambda: E.ones(2).retain_grad()),
        )

    alike(program)


def test_hooks_for_chosen_inputs() -> None:
    def program(E: Any) -> Any:
        log: list[str] = []
        x = leaf(E, 2)
        x.register_hook(lambda g: log.append("hook"))
        x.register_post_accumulate_grad_hook(lambda p: log.append("after"))
        g = E.autograd.grad((x * 2).sum(), x)
        (x * 2).sum().backward(inputs=[x])
        return g, x.grad, log

    alike(program)


def test_retained_gradients() -> None:
    def program(E: Any) -> Any:
        log: list[str] = []
        x = leaf(E, 4)
        y = x * 2
        y.register_hook(lambda g: log.append(f"old {g.tolist()}"))
        y.retain_grad()
        y.mul_(3)  # the retained gradient is that of the new values
        y.register_hook(lambda g: log.append(f"new {g.tolist()}"))
        v = y[:2]
        v.retain_grad()
        (v * 3).sum().backward()
        z = x * 2
        z.retain_grad()
        for keep in (True, False):
            (z**2).sum().backward(retain_graph=keep)
        return log, y.grad, v.grad, x.grad, z.grad, y.retains_grad, x.retains_grad

    alike(program)


def test_one_hook_for_several_gradients() -> None:
    def program(E: Any) -> Any:
        log: list[Any] = []
        a, b, c = (leaf(E, 2) for _ in range(3))
        graph = E.autograd.graph
        both = graph.register_multi_grad_hook(
            (a, b, c), lambda gs: log.append([None if g is None else g.tolist() for g in gs])
        )
        graph.register_multi_grad_hook((a, b), lambda g: log.append(g.tolist()), mode="any")
        (a * b).sum().backward()
        (a * c * b).sum().backward()
        both.remove()
        (b * 3).sum().backward()
        return log, attempt(lambda: graph.register_multi_grad_hook((a, b), print, mode="x"))

    alike(program)


def test_gradient_edges() -> None:
    def program(E: Any) -> Any:
        edge = E.autograd.graph.get_gradient_edge
        x = leaf(E, 2, 2)
        a, b = x.unbind(0)
        y = a * 2
        z = (y.exp() * b).sum()
        grads = E.autograd.grad(z, [edge(t) for t in (y, b, x)], retain_graph=True)
        start = edge(y)
        E.autograd.backward(start, E.ones(2, dtype=E.float64))
        return grads, edge(b).output_nr, type(start).__name__, x.grad, attempt(lambda: edge(E.ones(2)))

    alike(program)


def test_versions() -> None:
    def program(E: Any) -> int:
        x = leaf(E, 2, grad=False)
        E.autograd.graph.increment_version(x)
        E.autograd.graph.increment_version([x, x])
        return x._version

    alike(program)


def test_saved_tensors() -> None:
    def program(E: Any) -> Any:
        graph, log = E.autograd.graph, []
        x, w = leaf(E, 3), leaf(E, 4, 3)

        def pack(t: Any) -> Any:
            log.append(tuple(t.shape))
            return t.tolist()

        with graph.saved_tensors_hooks(pack, lambda v: E.tensor(v, dtype=E.float64)):
            y = (x * x).exp()
        first = E.autograd.grad(y.sum(), x)
        with graph.saved_tensors_hooks(lambda t: t.clone(), lambda t: t):
            z = (
                E.nn.functional.linear(x, w).softmax(0).max().log()
                + E.nn.functional.layer_norm(w, (3,)).std()
            )
        g = E.autograd.grad(z, (x, w), create_graph=True)
        second = E.autograd.grad(g[0].sum() + g[1].pow(2).sum(), (x, w))
        with graph.save_on_cpu():
            s = (x * x).sin().sum()
        s.backward()
        with graph.allow_mutation_on_saved_tensors():
            a = x * 1
            b = a.sin()
            a.mul_(2)
            (b.sum() + a.sum()).backward()
        return log, first, g, second, x.grad

    alike(program)


def test_saved_tensors_of_a_function() -> None:
    def program(E: Any) -> Any:
        log: list[str] = []

        class Square(E.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                ctx.save_for_backward(x)
                return x**2

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                return 2 * g * ctx.saved_tensors[0]

        x = leaf(E, 3)
        hooks = (lambda t: (log.append("pack"), t * 1)[1]), (lambda t: (log.append("unpack"), t)[1])
        with E.autograd.graph.saved_tensors_hooks(*hooks):
            y = Square.apply(x)
        y.sum().backward()
        return log, x.grad

    alike(program)


def test_bad_hooks_on_saved_tensors() -> None:
    def program(E: Any) -> Any:
        graph, x = E.autograd.graph, leaf(E, 2)
        with graph.saved_tensors_hooks(lambda t: t, lambda t: 3):
            y = x**2
        with graph.disable_saved_tensors_hooks("nope"):
            refused = attempt(lambda: graph.saved_tensors_hooks(print, print).__enter__())
        with graph.saved_tensors_hooks(lambda t: t.mul_(2), lambda t: t):
            changing = attempt(lambda: (x * 1).exp())
        return attempt(lambda: y.sum().backward()), refused, changing

    alike(program)


def test_anomaly_mode() -> None:
    def program(E: Any) -> Any:
        A = E.autograd
        root = lambda: (leaf(E, 1) * 0).sqrt().mul(0).sum()  # noqa: E731
        with A.set_detect_anomaly(True):
            on = E.is_anomaly_enabled(), E.is_anomaly_check_nan_enabled()
            found = attempt(lambda: root().backward())
            with A.set_detect_anomaly(True, check_nan=False):
                root().backward()
                off = E.is_anomaly_check_nan_enabled()
        return on, off, found, E.is_anomaly_enabled()

    alike(program)


def test_hooks_of_a_layers_parameters() -> None:
    def program(E: Any) -> list[str]:
        m = E.nn.Sequential(E.nn.Linear(2, 2), E.nn.Tanh(), E.nn.Linear(2, 1)).double()
        log: list[str] = []
        for name, p in m.named_parameters():
            p.register_hook(lambda g, name=name: log.append(name))
        m(leaf(E, 3, 2)).sum().backward()
        return log

    alike(program)


def test_what_a_node_saved() -> None:
    def program(E: Any) -> Any:
        x = leaf(E, 2)
        cube, e = x.pow(3), x.exp()
        saved = cube.grad_fn._saved_exponent, cube.grad_fn._saved_self is x, e.grad_fn._saved_result
        e.sum().backward()
        return saved, attempt(lambda: e.grad_fn._saved_result), attempt(lambda: e.grad_fn._saved_nothing)

    alike(program)


NODES = """x ** 2; 2 ** x; x ** x; 1 - x; x - 1; 1 / x; x.clamp(0, 1); x.clamp(min=x.detach() * 0); x.log1p(); x.t()
x.T; x.transpose(0, 1); x.narrow(0, 0, 1); x.roll(1); x.squeeze(0); x.squeeze(); (x * 1).zero_(); (x * 1).fill_(2)
E.nn.functional.linear(x, x); E.nn.functional.linear(x, x, x[:, 0]); E.nn.functional.max_pool1d(x[None], 2)
E.nn.functional.binary_cross_entropy_with_logits(x, x * 0)"""


@pytest.mark.parametrize("text", NODES.replace("\n", "; ").split("; "))
def test_names_of_nodes(text: str) -> None:
    alike(lambda E: eval(text, {"E": E, "x": leaf(E, 2, 3)}).grad_fn.name())
