"""Optimizers against PyTorch: trajectories in float64 over their options, state, and resuming from a state."""

from __future__ import annotations

from typing import Any

import glasstorch
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.differential import equal, torch

STEPS = 12
CASES: list[tuple[str, dict]] = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.2, "weight_decay": 0.05, "maximize": True}),
    ("SGD", {"lr": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.1}),
    ("Adam", {"lr": 0.1, "amsgrad": True, "weight_decay": 0.1, "betas": (0.5, 0.7), "eps": 1e-3}),
    ("Adam", {"maximize": True, "decoupled_weight_decay": True, "weight_decay": 0.2}),
    ("AdamW", {"lr": 0.05}),
    ("AdamW", {"lr": 0.05, "amsgrad": True, "weight_decay": 0.5}),
    ("RMSprop", {}),
    ("RMSprop", {"centered": True, "momentum": 0.7, "weight_decay": 0.1, "alpha": 0.6}),
    ("Adagrad", {"lr": 0.5, "lr_decay": 0.1, "initial_accumulator_value": 0.3, "weight_decay": 0.1}),
    ("Adadelta", {"rho": 0.5, "weight_decay": 0.1, "maximize": True}),
    ("Adamax", {"lr": 0.1, "weight_decay": 0.1}),
    ("NAdam", {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam", {"lr": 0.1, "weight_decay": 0.1, "betas": (0.5, 0.8)}),
    ("Rprop", {"lr": 0.1, "etas": (0.3, 1.4)}),
    ("ASGD", {"lr": 0.1, "t0": 4, "weight_decay": 0.1}),
]


class Problem:
    """Parameters of awkward kinds and made-up gradients, alike on both engines."""

    def __init__(self, E: Any, seed: int = 0, dtype: str = "float64") -> None:
        rng = np.random.default_rng(seed)
        self.E, self.dtype = E, dtype
        self.starts = [rng.normal(size=s).astype(dtype) for s in [(3, 4), (), (0, 2), (5,)]]
        self.parameters = [E.nn.Parameter(E.tensor(a)) for a in self.starts]
        self.parameters[0] = E.nn.Parameter(E.tensor(self.starts[0].T.copy()).t())  # stored by columns
        self.rng = np.random.default_rng(seed + 1)

    def gradients(self) -> None:
        for k, p in enumerate(self.parameters):
            noise = self.rng.normal(size=tuple(p.shape))
            if k == 3 and self.rng.random() < 0.3:
                p.grad = None
            else:
                value = np.asarray(p.detach().numpy() * 0.5 + noise).astype(self.dtype)
                p.grad = self.E.tensor(value)


def groups(E: Any, problem: Problem) -> list:
    return [{"params": problem.parameters[:2]}, {"params": problem.parameters[2:], "lr": 0.03}]


def play(E: Any, problem: Problem, optimizer: Any, steps: int) -> None:
    for _ in range(steps):
        problem.gradients()
        optimizer.step()


def same_state(ours: dict, theirs: dict) -> None:
    assert ours["param_groups"] == theirs["param_groups"]
    assert list(ours["state"]) == list(theirs["state"])
    for k, state in theirs["state"].items():
        assert list(ours["state"][k]) == list(state)
        for name, v in state.items():
            equal(ours["state"][k][name], v, f"state {name} of parameter {k}")


@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
@pytest.mark.parametrize("grouped", [False, True])
def test_trajectory_state_and_resuming(name: str, options: dict, grouped: bool) -> None:
    runs = {}
    for E in (glasstorch, torch):
        problem = Problem(E)
        params = groups(E, problem) if grouped else problem.parameters
        optimizer = getattr(E.optim, name)(params, **options)
        play(E, problem, optimizer, STEPS)
        runs[E] = (problem, optimizer)
    (ours, our_opt), (theirs, their_opt) = runs[glasstorch], runs[torch]
    for p, q in zip(ours.parameters, theirs.parameters, strict=True):
        equal(p, q, "parameter")
    same_state(our_opt.state_dict(), their_opt.state_dict())
    assert repr(our_opt) == repr(their_opt)

    # PyTorch's state, loaded into a new optimizer, carries on as in PyTorch.
    saved = their_opt.state_dict()
    for E, problem, state in ((glasstorch, ours, converted(saved)), (torch, theirs, saved)):
        params = groups(E, problem) if grouped else problem.parameters
        fresh = getattr(E.optim, name)(params, **options)
        fresh.load_state_dict(state)
        play(E, problem, fresh, 5)
    for p, q in zip(ours.parameters, theirs.parameters, strict=True):
        equal(p, q, "parameter after loading")


def converted(x: Any) -> Any:
    """PyTorch's state_dict with this engine's tensors."""
    if isinstance(x, torch.Tensor):
        return glasstorch.tensor(x.detach().numpy())
    if isinstance(x, dict):
        return {k: converted(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x)(converted(v) for v in x)
    return x


@settings(max_examples=25, deadline=None)
@given(
    lr=st.floats(1e-4, 0.5), momentum=st.floats(0.0, 0.99), decay=st.floats(0, 0.5), nesterov=st.booleans(),
    maximize=st.booleans(), seed=st.integers(0, 1000),
)  # fmt: skip
def test_sgd_over_its_options(
    lr: float, momentum: float, decay: float, nesterov: bool, maximize: bool, seed: int
) -> None:
    results = []
    for E in (glasstorch, torch):
        problem = Problem(E, seed)
        options = {"momentum": momentum, "weight_decay": decay, "nesterov": nesterov and momentum > 0}
        play(E, problem, E.optim.SGD(problem.parameters, lr, maximize=maximize, **options), 4)
        results.append(problem.parameters)
    for p, q in zip(*results, strict=True):
        equal(p, q, "parameter")


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop"])
def test_float32_stays_float32_and_learning_rates_may_be_tensors(name: str) -> None:
    results = []
    for E in (glasstorch, torch):
        problem = Problem(E, 3, "float32")
        optimizer = getattr(E.optim, name)(problem.parameters, lr=E.tensor(0.05))
        play(E, problem, optimizer, 5)
        results.append(problem.parameters)
        for state in optimizer.state.values():
            assert all(str(v.dtype) == "torch.float32" for v in state.values())
    for p, q in zip(*results, strict=True):
        equal(p, q, "parameter")


def test_views_see_the_step_and_the_version_counts() -> None:
    E = glasstorch
    base = E.zeros(4)
    p = E.nn.Parameter(base)
    y = p * p
    p.grad = E.ones(4)
    E.optim.SGD([p], lr=1.0).step()
    assert base.tolist() == [-1.0] * 4
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


@pytest.mark.parametrize("name", ["SGD", "Adam", "Adagrad", "RMSprop"])
def test_complex_parameters(name: str) -> None:
    start = np.array([1 + 2j, -0.5j, 3.0])
    results = []
    for E in (glasstorch, torch):
        p = E.nn.Parameter(E.tensor(start))
        optimizer = getattr(E.optim, name)([p], lr=0.1)
        for k in range(4):
            p.grad = E.tensor(start * (k + 1) - 1j)
            optimizer.step()
        results.append(p)
    equal(results[0], results[1], "complex parameter")
