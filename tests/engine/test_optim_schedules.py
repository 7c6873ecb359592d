"""Schedules against PyTorch: rates, momenta, states, errors; averages of weights."""

from __future__ import annotations

import math
import warnings

import glasstorch
import numpy as np
import pytest
from support.differential import raises_alike, to_numpy

torch = pytest.importorskip("torch")


def optimizer(E, adam: bool = False):
    p = [E.nn.Parameter(E.ones(2)), E.nn.Parameter(E.ones(1))]
    groups = [{"params": p[:1]}, {"params": p[1:], "lr": 0.01}]
    return E.optim.Adam(groups, lr=0.1) if adam else E.optim.SGD(groups, lr=0.1, momentum=0.9)


def L(E):
    return E.optim.lr_scheduler


SCHEDULES = {
    "restarts": lambda E, o: L(E).CosineAnnealingWarmRestarts(o, 7),
    "longer restarts": lambda E, o: L(E).CosineAnnealingWarmRestarts(o, 3, T_mult=2, eta_min=0.001),
    "cyclic": lambda E, o: L(E).CyclicLR(o, 0.01, 0.2, step_size_up=6),
    "triangular2": lambda E, o: L(E).CyclicLR(o, 0.01, 0.2, 5, 8, mode="triangular2"),
    "exp_range": lambda E, o: L(E).CyclicLR(
        o, [0.01, 0.001], [0.1, 0.2], 4, mode="exp_range", gamma=0.95, cycle_momentum=False
    ),
    "scale_fn": lambda E, o: L(E).CyclicLR(
        o, 0.01, 0.1, 4, scale_fn=lambda x: 1 / (5 ** (x * 0.01)), scale_mode="iterations"
    ),
    "one cycle": lambda E, o: L(E).OneCycleLR(o, 0.5, total_steps=60),
    "three phases": lambda E, o: L(E).OneCycleLR(
        o, [0.5, 0.2], epochs=6, steps_per_epoch=10, pct_start=0.2, anneal_strategy="linear", three_phase=True
    ),
    "one cycle without momentum": lambda E, o: L(E).OneCycleLR(
        o, 0.5, 60, cycle_momentum=False, div_factor=10, final_div_factor=100
    ),
    "sequential": lambda E, o: L(E).SequentialLR(
        o, [L(E).ConstantLR(o, 0.1, 5), L(E).ExponentialLR(o, 0.9)], milestones=[5]
    ),
    "three in sequence": lambda E, o: L(E).SequentialLR(
        o, [L(E).LinearLR(o, 0.1, 1.0, 6), L(E).CosineAnnealingLR(o, 20), L(E).StepLR(o, 4)], [6, 26]
    ),
    "sequence of a sequence": lambda E, o: L(E).SequentialLR(
        o,
        [
            L(E).SequentialLR(o, [L(E).ConstantLR(o, 0.5, 3), L(E).StepLR(o, 2)], [4]),
            L(E).ExponentialLR(o, 0.8),
        ],
        [9],
    ),
    "chained": lambda E, o: L(E).ChainedScheduler(
        [L(E).StepLR(o, 5, 0.5), L(E).LinearLR(o, 0.5, 1.0, 10)], optimizer=o
    ),
    "swa": lambda E, o: E.optim.swa_utils.SWALR(o, swa_lr=0.02, anneal_epochs=12),
    "swa on a line": lambda E, o: E.optim.swa_utils.SWALR(
        o, [0.05, 0.2], anneal_strategy="linear", anneal_epochs=7
    ),
    "swa at once": lambda E, o: E.optim.swa_utils.SWALR(o, 0.05, anneal_epochs=0),
    "step": lambda E, o: L(E).StepLR(o, 4, 0.5),
    "milestones": lambda E, o: L(E).MultiStepLR(o, [3, 3, 9], 0.3),
    "constant": lambda E, o: L(E).ConstantLR(o, 0.5, 6),
    "linear": lambda E, o: L(E).LinearLR(o, 0.2, 0.9, 11),
    "exponential": lambda E, o: L(E).ExponentialLR(o, 0.9),
    "polynomial": lambda E, o: L(E).PolynomialLR(o, 20, 2.0),
    "cosine": lambda E, o: L(E).CosineAnnealingLR(o, 10, 0.003),
    "lambda": lambda E, o: L(E).LambdaLR(o, lambda e: 0.9**e),
    "multiplicative": lambda E, o: L(E).MultiplicativeLR(o, lambda e: 0.97),
    "plateau": lambda E, o: L(E).ReduceLROnPlateau(o, patience=2, factor=0.5),
}


def run(o, s, first: int, last: int) -> list:
    out = []
    for k in range(first, last):
        o.step()
        s.step(1 + math.cos(k / 4)) if "Plateau" in type(s).__name__ else s.step()
        for g in o.param_groups:
            out += [float(g["lr"]), g.get("momentum", 0.0), *g.get("betas", ())]
        out += [float(x) for x in s.get_last_lr()]
    return out


@pytest.mark.parametrize("adam", [False, True])
@pytest.mark.parametrize("name", SCHEDULES)
def test_rates(name: str, adam: bool) -> None:
    ours, theirs = optimizer(glasstorch, adam), optimizer(torch, adam)
    mine, real = SCHEDULES[name](glasstorch, ours), SCHEDULES[name](torch, theirs)
    np.testing.assert_allclose(run(ours, mine, 0, 25), run(theirs, real, 0, 25), rtol=1e-12)
    public = [sorted(k for k in s.state_dict() if not k.startswith("_")) for s in (mine, real)]
    assert public[0] == public[1]
    state, of_optimizer = mine.state_dict(), ours.state_dict()
    rest = run(theirs, real, 25, 50)
    np.testing.assert_allclose(run(ours, mine, 25, 50), rest, rtol=1e-12)
    fresh = optimizer(glasstorch, adam)
    again = SCHEDULES[name](glasstorch, fresh)
    fresh.load_state_dict(of_optimizer)
    again.load_state_dict(state)
    if name not in ("restarts", "longer restarts", "sequential"):
        return
    run(
        ours, mine, 50, 51
    )  # a state is the scheduler's own dictionary here as in PyTorch: it goes on with it
    assert again.last_epoch == 25


@pytest.mark.parametrize(
    "name",
    [
        "step",
        "milestones",
        "exponential",
        "cosine",
        "restarts",
        "polynomial",
        "linear",
        "lambda",
        "multiplicative",
        "constant",
    ],
)
def test_taken_up_in_the_middle(name: str) -> None:
    def rates(E):
        o = optimizer(E)
        for g in o.param_groups:
            g["initial_lr"] = g["lr"]
        classes = {
            "step": ("StepLR", 4, 0.5),
            "milestones": ("MultiStepLR", [3, 8], 0.3),
            "exponential": ("ExponentialLR", 0.9),
            "cosine": ("CosineAnnealingLR", 15),
            "restarts": ("CosineAnnealingWarmRestarts", 4),
            "polynomial": ("PolynomialLR", 20),
            "linear": ("LinearLR", 0.3, 1.0, 12),
            "lambda": ("LambdaLR", lambda e: 1 / (1 + e)),
            "multiplicative": ("MultiplicativeLR", lambda e: 0.9),
            "constant": ("ConstantLR", 0.5, 8),
        }
        cls, *args = classes[name]
        s = getattr(L(E), cls)(o, *args, last_epoch=6)
        return [float(g["lr"]) for g in o.param_groups] + run(o, s, 0, 12)

    np.testing.assert_allclose(rates(glasstorch), rates(torch), rtol=1e-12)


def test_steps_to_an_epoch() -> None:
    def rates(E, T_mult):
        o = optimizer(E)
        s = L(E).CosineAnnealingWarmRestarts(o, 3, T_mult)
        out = []
        for epoch in (0.5, 1.25, 2.9, 3.0, 7.5, 30.1, 2):
            o.step()
            s.step(epoch)
            out += [s.get_last_lr()[0], s.last_epoch, s.T_cur, s.T_i]
        return out

    for T_mult in (1, 2):
        np.testing.assert_allclose(rates(glasstorch, T_mult), rates(torch, T_mult))


def test_rate_in_a_tensor() -> None:
    def rates(E):
        o = E.optim.SGD([E.nn.Parameter(E.ones(1))], lr=E.tensor(0.1), momentum=0.9)
        tensor = o.param_groups[0]["lr"]
        s = L(E).CyclicLR(o, 0.01, 0.1, 4)
        out = []
        for _ in range(6):
            o.step()
            s.step()
            out.append(float(o.param_groups[0]["lr"]))
        return out, o.param_groups[0]["lr"] is tensor

    ours, theirs = rates(glasstorch), rates(torch)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-6)
    assert ours[1] == theirs[1]


@pytest.mark.parametrize(
    "make",
    [
        lambda E, o: L(E).CosineAnnealingWarmRestarts(o, 0),
        lambda E, o: L(E).CosineAnnealingWarmRestarts(o, 3, 0),
        lambda E, o: L(E).CosineAnnealingWarmRestarts(o, 3, 1, "x"),
        lambda E, o: L(E).CosineAnnealingWarmRestarts(o, 3).step(-1),
        lambda E, o: L(E).CyclicLR(3, 0.1, 0.2),
        lambda E, o: L(E).CyclicLR(o, [0.1], 0.2),
        lambda E, o: L(E).CyclicLR(o, 0.1, 0.2, mode="x"),
        lambda E, o: L(E).CyclicLR(E.optim.Adagrad([E.nn.Parameter(E.ones(1))]), 0.1, 0.2),
        lambda E, o: L(E).OneCycleLR(o, 0.1),
        lambda E, o: L(E).OneCycleLR(o, 0.1, total_steps=0),
        lambda E, o: L(E).OneCycleLR(o, 0.1, epochs=-1, steps_per_epoch=2),
        lambda E, o: L(E).OneCycleLR(o, 0.1, 5, pct_start=2.0),
        lambda E, o: L(E).OneCycleLR(o, 0.1, 5, anneal_strategy="x"),
        lambda E, o: [s := L(E).OneCycleLR(o, 0.1, 2), [s.step() for _ in range(4)]],
        lambda E, o: L(E).SequentialLR(o, [], []),
        lambda E, o: L(E).SequentialLR(o, [L(E).StepLR(o, 2)], [1]),
        lambda E, o: L(E).SequentialLR(o, [3], []),
        lambda E, o: L(E).SequentialLR(o, [L(E).ReduceLROnPlateau(o)], []),
        lambda E, o: L(E).SequentialLR(o, [L(E).StepLR(optimizer(E), 2)], []),
        lambda E, o: L(E).ChainedScheduler([]),
        lambda E, o: L(E).ChainedScheduler([L(E).StepLR(o, 2), L(E).StepLR(optimizer(E), 2)]),
        lambda E, o: E.optim.swa_utils.SWALR(o, 0.1, anneal_strategy="x"),
        lambda E, o: E.optim.swa_utils.SWALR(o, 0.1, anneal_epochs=-1),
        lambda E, o: E.optim.swa_utils.SWALR(o, [0.1]),
        lambda E, o: E.optim.swa_utils.get_ema_avg_fn(2.0),
    ],
)
def test_refusals(make) -> None:
    messages = []
    for E in (torch, glasstorch):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises(Exception) as error:  # noqa: PT011
                make(E, optimizer(E))
        messages.append((type(error.value).__name__, str(error.value).replace("glasstorch", "torch")))
    assert messages[0] == messages[1]


def model(E):
    E.manual_seed(0)
    return E.nn.Sequential(E.nn.Linear(3, 4), E.nn.BatchNorm1d(4), E.nn.Linear(4, 1))


@pytest.mark.parametrize(
    "options",
    [
        lambda E: {},
        lambda E: {"multi_avg_fn": E.optim.swa_utils.get_ema_multi_avg_fn(0.9)},
        lambda E: {"use_buffers": True},
        lambda E: {"avg_fn": E.optim.swa_utils.get_ema_avg_fn(0.8)},
        lambda E: {"avg_fn": E.optim.swa_utils.get_swa_avg_fn(), "device": "cpu"},
        lambda E: {"multi_avg_fn": E.optim.swa_utils.get_ema_multi_avg_fn(0.5), "use_buffers": True},
    ],
)
def test_averaged_model(options) -> None:
    rng = np.random.default_rng(0)
    batches = [rng.normal(size=(8, 3)).astype("f") for _ in range(4)]

    def averages(E):
        net = model(E)
        opt = E.optim.SGD(net.parameters(), lr=0.1)
        averaged = E.optim.swa_utils.AveragedModel(net, **options(E))
        for b in batches:
            opt.zero_grad()
            (net(E.tensor(b)) ** 2).sum().backward()
            opt.step()
            averaged.update_parameters(net)
        out = {k: to_numpy(v).copy() for k, v in averaged.state_dict().items()}
        E.optim.swa_utils.update_bn([E.tensor(b) for b in batches], averaged)
        out |= {k + " after update_bn": to_numpy(v) for k, v in averaged.state_dict().items()}
        out["output"] = to_numpy(averaged.eval()(E.tensor(batches[0])))
        out["momentum"] = averaged.module[1].momentum
        return out

    ours, theirs = averages(glasstorch), averages(torch)
    assert list(ours) == list(theirs)
    for k in theirs:
        np.testing.assert_allclose(ours[k], theirs[k], rtol=2e-4, atol=2e-5, err_msg=k)
    raises_alike(
        lambda E: E.optim.swa_utils.AveragedModel(model(E), avg_fn=1, multi_avg_fn=2),
        "Only one of avg_fn and multi_avg_fn",
    )
