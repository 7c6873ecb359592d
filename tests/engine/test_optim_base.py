"""``Optimizer``: groups, errors, closures, hooks, saving; each against PyTorch's own. And the schedules."""

from __future__ import annotations

import copy
import importlib
import math
import pickle
import warnings
from typing import Any

import glasstorch
import pytest
from support.differential import torch


def both(fn: Any) -> None:
    """Assert that ``fn(engine)`` gives the same on both engines: a value, or an error's class and text."""

    def outcome(E: Any) -> tuple[str, Any]:
        try:
            return "value", fn(E)
        except Exception as e:
            return type(e).__name__, str(e)

    assert outcome(glasstorch) == outcome(torch)


def parameter(E: Any, n: int = 2) -> Any:
    return E.nn.Parameter(E.ones(n))


ERRORS = [
    lambda E: E.optim.SGD([], lr=0.1),
    lambda E: E.optim.SGD(E.zeros(2), lr=0.1),
    lambda E: E.optim.SGD([parameter(E) * 2], lr=0.1),
    lambda E: E.optim.SGD([parameter(E)], lr=-1.0),
    lambda E: E.optim.SGD([3], lr=0.1),
    lambda E: E.optim.SGD([parameter(E)], lr=0.1, nesterov=True),
    lambda E: E.optim.SGD([parameter(E)], lr=0.1, momentum=-1),
    lambda E: E.optim.SGD([parameter(E)], lr=0.1, weight_decay=-1),
    lambda E: E.optim.Adam([parameter(E)], betas=(1.0, 2.0)),
    lambda E: E.optim.Adam([parameter(E)], eps=-1),
    lambda E: E.optim.RMSprop([parameter(E)], alpha=-1),
    lambda E: E.optim.Adadelta([parameter(E)], rho=2),
    lambda E: E.optim.Rprop([parameter(E)], etas=(2, 3)),
    lambda E: E.optim.SGD([{"params": [parameter(E)]}, 3]),
    lambda E: E.optim.SGD([{"params": {1, 2}}], lr=1.0),
    lambda E: (lambda p: E.optim.SGD([{"params": [p]}, {"params": [p]}], lr=0.1))(parameter(E)),
    lambda E: E.optim.SGD([parameter(E)]).load_state_dict({"state": {}, "param_groups": []}),
    lambda E: E.optim.SGD([parameter(E)]).load_state_dict({"state": {}, "param_groups": [{"params": []}]}),
    lambda E: E.optim.lr_scheduler.StepLR(3, 1),
    lambda E: E.optim.lr_scheduler.ReduceLROnPlateau(E.optim.SGD([parameter(E)]), "best"),
    lambda E: E.optim.lr_scheduler.ConstantLR(E.optim.SGD([parameter(E)]), 2.0),
    lambda E: E.optim.lr_scheduler.LambdaLR(E.optim.SGD([parameter(E)]), [abs, abs]),
]


@pytest.mark.parametrize("case", ERRORS)
def test_errors_word_for_word(case: Any) -> None:
    both(case)


def test_groups_defaults_and_text() -> None:
    def run(E: Any) -> list:
        a, b, c = parameter(E), parameter(E), parameter(E)
        o = E.optim.SGD([{"params": a, "lr": 0.5}, {"params": [b]}], lr=0.1, momentum=0.9)
        o.add_param_group({"params": [c], "weight_decay": 0.2})
        shown = [{k: v for k, v in g.items() if k != "params"} for g in o.param_groups]
        named = E.optim.Adam([("w", a), ("b", b)])
        return [
            repr(o),
            shown,
            o.defaults,
            o.state_dict(),
            named.state_dict()["param_groups"][0]["param_names"],
        ]

    both(run)


def test_closure_is_run_with_gradients_and_its_loss_returned() -> None:
    def run(E: Any) -> list:
        p = parameter(E)
        o = E.optim.SGD([p], lr=0.25)

        def closure() -> Any:
            o.zero_grad()
            loss = (p * p).sum()
            loss.backward()
            return loss

        with E.no_grad():
            first = o.step(closure).item()
        return [first, o.step(closure).item(), p.tolist()]

    both(run)


def test_zero_grad() -> None:
    def run(E: Any) -> list:
        p, q = parameter(E), parameter(E)
        o = E.optim.SGD([p, q], lr=0.1)
        p.grad = E.ones(2)
        kept = p.grad
        o.zero_grad(set_to_none=False)
        out = [kept.tolist(), p.grad is kept, q.grad]
        o.zero_grad()
        return [*out, p.grad]

    both(run)


def test_hooks() -> None:
    def run(E: Any) -> list:
        log: list = []
        p = parameter(E)
        p.grad = E.ones(2)
        o = E.optim.Adam([p])
        optim = importlib.import_module(E.__name__ + ".optim.optimizer")
        every = optim.register_optimizer_step_pre_hook(lambda opt, a, k: log.append("every"))
        o.register_step_pre_hook(lambda opt, a, k: log.append("pre"))
        o.register_step_post_hook(lambda opt, a, k: log.append("post"))
        o.register_state_dict_pre_hook(lambda opt: log.append("saving"))
        o.register_state_dict_post_hook(lambda opt, sd: {**sd, "note": 1})
        o.register_load_state_dict_pre_hook(lambda opt, sd: log.append(sorted(sd)))
        o.register_load_state_dict_post_hook(lambda opt: log.append("loaded"))
        o.step()
        every.remove()
        o.step()
        o.load_state_dict(o.state_dict())
        return log

    both(run)


def test_copying_and_pickling_keep_the_state() -> None:
    E = glasstorch
    p = parameter(E)
    o = E.optim.Adam([p], lr=0.1)
    p.grad = E.ones(2)
    o.step()
    for other in (copy.deepcopy(o), pickle.loads(pickle.dumps(o))):
        assert (
            other.state_dict()["state"][0]["exp_avg"].tolist()
            == o.state_dict()["state"][0]["exp_avg"].tolist()
        )
        q = other.param_groups[0]["params"][0]
        assert q is not p
        assert next(iter(other.state)) is q
        q.grad = E.ones(2)
        other.step()


def test_an_optimizer_of_ones_own() -> None:
    def run(E: Any) -> list:
        class Plain(E.optim.Optimizer):
            def __init__(self, params: Any, lr: float) -> None:
                super().__init__(params, {"lr": lr})

            @E.no_grad()
            def step(self, closure: Any = None) -> None:
                for g in self.param_groups:
                    for p in g["params"]:
                        p.add_(p.grad, alpha=-g["lr"])

        p = parameter(E)
        p.grad = E.ones(2)
        o = Plain([p], 0.5)
        o.step()
        return [p.tolist(), repr(o)]

    both(run)


SCHEDULES = [
    "LambdaLR(o, lambda e: 0.9 ** e)", "LambdaLR(o, [lambda e: 1 / (1 + e), lambda e: 2.0])",
    "MultiplicativeLR(o, lambda e: 0.97)", "StepLR(o, 3)", "MultiStepLR(o, [2, 2, 7], gamma=0.5)",
    "ConstantLR(o, 0.25, 4)", "LinearLR(o, 0.1, 0.8, 6)", "ExponentialLR(o, 0.93)", "PolynomialLR(o, 9, 2.0)",
    "CosineAnnealingLR(o, 5)", "CosineAnnealingLR(o, T_max=20, eta_min=0.003)",
]  # fmt: skip


def scheduled(E: Any, text: str) -> tuple[Any, Any]:
    a, b = parameter(E), parameter(E)
    o = E.optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.01}], lr=0.1)
    return o, eval("L." + text, {"L": E.optim.lr_scheduler, "o": o})


@pytest.mark.parametrize("text", SCHEDULES)
def test_schedules(text: str) -> None:
    def run(E: Any) -> list:
        o, s = scheduled(E, text)
        out = []
        for k in range(24):
            o.step()
            s.step()
            out.append([*(round(g["lr"], 14) for g in o.param_groups), s.last_epoch])
            if k == 11 and "ambda" not in text:  # save, make everything anew, go on
                saved, groups = s.state_dict(), o.state_dict()
                o, s = scheduled(E, text)
                o.load_state_dict(groups)
                s.load_state_dict(saved)
        return [out, sorted(s.state_dict()), [round(x, 14) for x in s.get_last_lr()]]

    both(run)


PLATEAUS = [
    {"patience": 1},
    {"mode": "max", "factor": 0.5, "cooldown": 2, "threshold": 0.1},
    {"threshold_mode": "abs", "threshold": 0.05, "patience": 0, "min_lr": [0.01, 0.002]},
]


@pytest.mark.parametrize("options", PLATEAUS)
def test_reducing_on_a_plateau(options: dict) -> None:
    def run(E: Any) -> list:
        a, b = parameter(E), parameter(E)
        o = E.optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.01}], lr=0.1)
        s = E.optim.lr_scheduler.ReduceLROnPlateau(o, **options)
        out = []
        for k in range(30):
            o.step()
            s.step(E.tensor(1.0 + math.cos(k / 4) / (1 + k / 9)))
            out.append([round(g["lr"], 14) for g in o.param_groups])
        return [out, sorted(k for k in s.state_dict())]

    both(run)


def test_a_wrong_order_and_an_old_argument_warn() -> None:
    def run(E: Any) -> list:
        o, s = scheduled(E, "StepLR(o, 2)")
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            s.step()
            o.step()
            s.step(5)
            s.get_lr()
        return [str(w.message).split(".")[0] for w in seen] + [[g["lr"] for g in o.param_groups]]

    both(run)


def test_a_schedule_of_ones_own() -> None:
    def run(E: Any) -> list:
        class Halve(E.optim.lr_scheduler.LRScheduler):
            def get_lr(self) -> list:
                return [base / (1 + self.last_epoch // 2) for base in self.base_lrs]

        o = E.optim.SGD([parameter(E)], lr=0.8)
        s = Halve(o)
        out = []
        for _ in range(6):
            o.step()
            s.step()
            out.append(o.param_groups[0]["lr"])
        return out

    both(run)


@pytest.mark.parametrize(
    "name",
    [
        "SGD",
        "Adam",
        "AdamW",
        "Adadelta",
        "Adagrad",
        "Adamax",
        "ASGD",
        "NAdam",
        "RAdam",
        "RMSprop",
        "Rprop",
        "LBFGS",
    ],
)
def test_each_has_the_module_of_its_name(name: str) -> None:
    for E in (torch, glasstorch):
        module = importlib.import_module(f"{E.__name__}.optim.{name.lower()}")
        assert getattr(module, name) is getattr(E.optim, name)


def test_a_base_without_update_and_capturable_without_a_gpu():
    for E in (glasstorch, torch):
        p = E.nn.Parameter(E.ones(3))
        p.grad = E.ones(3)
        with pytest.raises(NotImplementedError):
            E.optim.Optimizer([p], {}).step()
        optimizer = E.optim.Adam([p], capturable=True)
        with pytest.raises(
            AssertionError, match="If capturable=True, params and state_steps must be on supported"
        ):
            optimizer.step()
        assert p.tolist() == [1, 1, 1]
