"""``nn.Module`` itself: registering, names, saving and loading, hooks, modes, errors; each against PyTorch's own."""

from __future__ import annotations

import warnings
from typing import Any

import glasstorch
import numpy as np
import pytest
from glasstorch.autograd.graph.recorder import Recorder
from support.differential import compare, torch

rng = np.random.default_rng(4)


def both(fn: Any) -> None:
    """Assert that ``fn(engine)`` gives the same on both engines: a value, or an error's class and text."""

    def outcome(E: Any) -> tuple[str, Any]:
        try:
            return "value", fn(E)
        except Exception as e:
            return type(e).__name__, str(e).replace("glasstorch", "torch")

    ours, theirs = outcome(glasstorch), outcome(torch)
    assert ours == theirs


def model(E: Any) -> Any:
    class Block(E.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = E.nn.Parameter(E.ones(2))
            self.inner = E.nn.Linear(2, 2)
            self.register_buffer("seen", E.zeros(3))
            self.register_buffer("scratch", E.zeros(1), persistent=False)
            self.register_parameter("nothing", None)
            self.kept = E.nn.Buffer(E.ones(2))

        def forward(self, x: Any, power: int = 1) -> Any:
            return self.inner(x * self.scale) ** power

    return E.nn.Sequential(Block(), E.nn.BatchNorm1d(2), E.nn.ModuleDict({"a": Block()}))


def test_names_of_everything() -> None:
    def run(E: Any) -> list:
        m = model(E)
        return [
            [n for n, _ in m.named_parameters()], [n for n, _ in m.named_buffers("pre")],
            [(n, type(c).__name__) for n, c in m.named_modules()], [n for n, _ in m.named_children()],
            list(m.state_dict()), list(m.state_dict(prefix="x.")), [n for n, _ in m[0].named_parameters(recurse=False)],
            m.state_dict()._metadata, m[0].state_dict(keep_vars=True)["scale"] is m[0].scale,
            len(list(m.modules())), m.get_submodule("2.a.inner").in_features,
            m.get_parameter("0.inner.bias").shape == (2,),
        ]  # fmt: skip

    both(run)


ERRORS = [
    lambda E: E.nn.Linear(2, 2).register_parameter("a.b", None),
    lambda E: E.nn.Linear(2, 2).register_parameter("", None),
    lambda E: E.nn.Linear(2, 2).register_parameter("in_features", None),
    lambda E: E.nn.Linear(2, 2).register_parameter("x", E.zeros(2)),
    lambda E: setattr(E.nn.Linear(2, 2), "weight", E.zeros(2)),
    lambda E: setattr(E.nn.Linear(2, 2), "weight", E.nn.ReLU()),
    lambda E: setattr(model(E)[0], "seen", 3),
    lambda E: setattr(model(E)[0], "inner", E.zeros(2)),
    lambda E: E.nn.Linear(2, 2).register_buffer("weight", None),
    lambda E: E.nn.Linear(2, 2).register_buffer("x", 3),
    lambda E: E.nn.Linear(2, 2).register_buffer(3, None),
    lambda E: E.nn.Linear(2, 2).add_module("x", 3),
    lambda E: E.nn.Linear(2, 2).add_module("weight", E.nn.ReLU()),
    lambda E: E.nn.Linear(2, 2).add_module("a.b", E.nn.ReLU()),
    lambda E: E.nn.Linear(2, 2).get_submodule("a"),
    lambda E: E.nn.Linear(2, 2).get_buffer("weight"),
    lambda E: model(E).get_parameter("0.inner"),
    lambda E: E.nn.Linear(2, 2).missing,
    lambda E: E.nn.Module()(1),
    lambda E: E.nn.Linear(2, 2).train(3),
    lambda E: E.nn.Linear(2, 2).to(E.int32),
    lambda E: E.nn.Sequential(3),
    lambda E: E.nn.Sequential(E.nn.ReLU())[3],
    lambda E: E.nn.Conv2d(3, 4, 3, groups=2),
    lambda E: E.nn.Conv2d(3, 4, 3, padding="same", stride=2),
    lambda E: E.nn.Dropout(2.0),
    lambda E: E.nn.BatchNorm2d(3)(E.zeros(2, 3)),
    lambda E: E.nn.Embedding(4, 2, padding_idx=4),
    lambda E: type("Net", (E.nn.Module,), {"__init__": lambda self: setattr(self, "l", E.nn.ReLU())})(),
]


@pytest.mark.parametrize("case", ERRORS)
def test_errors_word_for_word(case: Any) -> None:
    both(case)


LOADS = [
    lambda E: E.nn.Linear(2, 2).load_state_dict(3),
    lambda E: E.nn.Linear(2, 2).load_state_dict({}),
    lambda E: E.nn.Linear(2, 2).load_state_dict({"weight": E.zeros(3, 3), "x": 1}),
    lambda E: E.nn.Linear(2, 2).load_state_dict({"weight": 3, "bias": E.zeros(2)}),
    lambda E: repr(E.nn.Linear(2, 2).load_state_dict({"x": 1}, strict=False)),
    lambda E: repr(model(E).load_state_dict(model(E).state_dict())),
    lambda E: model(E).load_state_dict(
        {"0.inner.weight": E.zeros(1), "0.inner.other": E.zeros(1), "9.a": E.zeros(1)}
    ),
    lambda E: E.nn.Sequential(E.nn.Linear(1, 1)).load_state_dict({"0": E.zeros(1)}),
]


@pytest.mark.parametrize("case", LOADS)
def test_loading(case: Any) -> None:
    both(case)


def test_loading_copies_and_assign_does_not() -> None:
    E = glasstorch
    a, b = E.nn.Linear(2, 2), E.nn.Linear(2, 2)
    kept = a.weight
    a.load_state_dict(b.state_dict())
    assert a.weight is kept
    assert a.weight.data_ptr() != b.weight.data_ptr()
    assert np.array_equal(a.weight.detach().numpy(), b.weight.detach().numpy())
    a.load_state_dict(b.state_dict(), assign=True)
    assert a.weight.data_ptr() == b.weight.data_ptr()
    assert isinstance(a.weight, E.nn.Parameter)
    assert a.weight.requires_grad


def test_extra_state_and_hooks_of_the_state_dict() -> None:
    def run(E: Any) -> list:
        log: list = []

        class Counter(E.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.n = 0

            def get_extra_state(self) -> Any:
                return {"n": self.n}

            def set_extra_state(self, state: Any) -> None:
                self.n = state["n"]

        a, b = E.nn.Sequential(Counter(), E.nn.Linear(1, 1)), E.nn.Sequential(Counter(), E.nn.Linear(1, 1))
        a[0].n = 7
        a.register_state_dict_pre_hook(lambda m, prefix, keep: log.append(("pre", prefix)))
        a.register_state_dict_post_hook(lambda m, sd, prefix, meta: log.append(("post", len(sd))))
        b[1].register_load_state_dict_pre_hook(lambda m, sd, prefix, *rest: log.append(("loading", prefix)))
        b.register_load_state_dict_post_hook(lambda m, keys: log.append(("loaded", list(keys.missing_keys))))
        saved = a.state_dict()
        b.load_state_dict(saved)
        return [log, list(saved), b[0].n]

    both(run)


@pytest.mark.cpu
def test_forward_hooks() -> None:
    def run(E: Any, x: Any) -> Any:
        log: list = []
        m = model(E)[0]
        E.manual_seed(0)
        m.inner.reset_parameters()
        m.double()
        h = m.register_forward_pre_hook(lambda mod, args: log.append("pre") or (args[0] * 2,))
        m.register_forward_hook(lambda mod, args, out: log.append("post") or out + 1)
        m.register_forward_hook(
            lambda mod, args, kw, out: log.append(sorted(kw)), with_kwargs=True, prepend=True
        )
        m.register_forward_pre_hook(lambda mod, args, kw: (args, {"power": 3}), with_kwargs=True)
        m.register_forward_hook(lambda mod, args, out: log.append("always"), always_call=True)
        first = m(x, power=2)
        h.remove()
        second = m(x)
        with pytest.raises(Exception):  # noqa: B017, PT011
            m("no tensor")
        assert log == ["pre", ["power"], "post", "always", ["power"], "post", "always", "always"], log
        return first, second

    compare(run, rng.normal(size=(3, 2)))


@pytest.mark.cpu
def test_full_backward_hooks() -> None:
    def run(E: Any, x: Any) -> Any:
        log: list = []
        E.manual_seed(1)
        net = E.nn.Sequential(E.nn.Linear(3, 4), E.nn.Tanh(), E.nn.Linear(4, 2)).double()

        def post(m: Any, gin: tuple, gout: tuple) -> Any:
            log.extend([gin[0], gout[0]])
            return (gin[0] * 2,)

        net[2].register_full_backward_hook(post)
        net[1].register_full_backward_pre_hook(lambda m, gout: (gout[0] * 3,))
        net[0].register_full_backward_hook(lambda m, gin, gout: log.extend([gin[0], gout[0]]))
        (net(x) ** 2).sum().backward()
        return (*log, *[p.grad for p in net.parameters()], x.grad)

    compare(run, rng.normal(size=(5, 3)), second=False)


def test_hooks_on_every_module() -> None:
    def run(E: Any) -> list:
        hooks = E.nn.modules.module
        log: list = []
        handles = [
            hooks.register_module_forward_pre_hook(lambda m, a: log.append(("pre", type(m).__name__))),
            hooks.register_module_forward_hook(lambda m, a, o: log.append(("post", type(m).__name__))),
            hooks.register_module_full_backward_hook(lambda m, i, o: log.append(("back", type(m).__name__))),
        ]
        net = E.nn.Sequential(E.nn.Linear(2, 2), E.nn.ReLU())
        net(E.ones(1, 2).requires_grad_()).sum().backward()
        for h in handles:
            h.remove()
        net(E.ones(1, 2))
        return log

    both(run)


def test_modes_and_gradients_of_a_tree() -> None:
    def run(E: Any) -> list:
        m = model(E)
        names: list = []
        m.apply(lambda s: names.append(type(s).__name__))
        m.eval()
        flags = [s.training for s in m.modules()]
        m.train()
        m.requires_grad_(False)
        frozen = [p.requires_grad for p in m.parameters()]
        m[0].requires_grad_()
        m[0](E.ones(1, 2)).sum().backward()
        had = [p.grad is not None for p in m.parameters()]
        m.zero_grad(set_to_none=False)
        zeros = [float(p.grad.abs().sum()) for p in m.parameters() if p.grad is not None]
        m.zero_grad()
        return [names, flags, frozen, had, zeros, all(p.grad is None for p in m.parameters())]

    both(run)


def test_conversion_keeps_the_parameters_and_converts_gradients() -> None:
    def run(E: Any) -> list:
        m = model(E)
        m[0](E.ones(1, 2)).sum().backward()
        before = list(m.parameters())
        out = [m.double() is m, all(a is b for a, b in zip(before, m.parameters(), strict=True))]
        out += [str(t.dtype) for t in m.state_dict().values()]
        out += [str(p.grad.dtype) for p in m.parameters() if p.grad is not None]
        m.to(E.float32)
        m.to("cpu", E.float16)
        m.to(E.zeros(1))
        return out + [str(t.dtype) for t in m.state_dict().values()]

    both(run)


def test_attributes_move_between_kinds() -> None:
    def run(E: Any) -> list:
        m = E.nn.Module()
        m.x = 3
        m.x = E.nn.Parameter(E.ones(1))
        a = ["x" in m._parameters, "x" in m.__dict__]
        m.x = None
        b = [m._parameters]
        del m.x
        m.x = E.nn.ReLU()
        m.b = E.nn.Buffer(E.ones(1), persistent=False)
        m.b = E.zeros(2)
        return [
            a,
            b,
            list(m._modules),
            list(m.state_dict()),
            list(m._buffers),
            hasattr(m, "y"),
            "x" in dir(m),
        ]

    both(run)


def test_parameter() -> None:
    def run(E: Any) -> list:
        data = E.ones(2)
        p = E.nn.Parameter(data)
        data[0] = 5
        frozen = E.nn.Parameter(E.ones(1), requires_grad=False)
        return [repr(p), p.requires_grad, p.is_leaf, isinstance(p, E.Tensor), isinstance(data, E.nn.Parameter),
                isinstance(p * 1, E.nn.Parameter), frozen.requires_grad, tuple(E.nn.Parameter().shape)]  # fmt: skip

    both(run)
    both(lambda E: E.nn.Parameter(E.arange(3)))


def test_calling_a_module_while_the_graph_is_recorded() -> None:
    """The recorder learns which module is running, also when forward raises."""
    from glasstorch.core.mode import STATE

    calls: list = []

    class Names(Recorder):
        def enter_module(self, m: Any, args: tuple, kwargs: dict) -> None:
            calls.append(type(m).__name__)

        def exit_module(self) -> None:
            calls.append("exit")

    net = glasstorch.nn.Sequential(glasstorch.nn.Identity(), glasstorch.nn.Linear(2, 2))
    old, STATE.recorder = STATE.recorder, Names()
    try:
        net[0](glasstorch.ones(1, 2))
        with pytest.raises(AttributeError):
            glasstorch.nn.Flatten()(3)
    finally:
        STATE.recorder = old
    assert calls == ["Identity", "exit", "Flatten", "exit"]


def test_no_warnings_in_ordinary_use() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        m = glasstorch.nn.Sequential(glasstorch.nn.Linear(3, 3), glasstorch.nn.Softmax(1))
        m(glasstorch.ones(2, 3)).sum().backward()
        m.zero_grad()
