"""LBFGS, Adafactor, Muon, SparseAdam against PyTorch; settings as tensors; states that go both ways in files."""

from __future__ import annotations

import io

import glasstorch
import numpy as np
import pytest
from support.differential import to_numpy

torch = pytest.importorskip("torch")

CASES = [
    ("LBFGS", {}),
    ("LBFGS", {"lr": 0.5, "history_size": 2, "max_iter": 5}),
    ("LBFGS", {"line_search_fn": "strong_wolfe"}),
    ("LBFGS", {"line_search_fn": "strong_wolfe", "history_size": 3, "max_iter": 3, "lr": 3.0}),
    ("LBFGS", {"max_iter": 4, "max_eval": 3}),
    ("LBFGS", {"tolerance_grad": 1e-2}),
    ("LBFGS", {"tolerance_change": 1e-2, "line_search_fn": "strong_wolfe"}),
    ("Adafactor", {}),
    ("Adafactor", {"lr": 0.1, "weight_decay": 0.1, "maximize": True}),
    ("Adafactor", {"beta2_decay": -0.3, "d": 1.7}),
    ("Adafactor", {"lr": 0.5, "eps": (1e-2, 1e-1)}),
    ("Muon", {}),
    ("Muon", {"nesterov": False, "lr": 0.1}),
    ("Muon", {"adjust_lr_fn": "match_rms_adamw", "weight_decay": 0.3}),
    ("Muon", {"ns_steps": 3, "ns_coefficients": (3.0, -4.0, 2.0), "momentum": 0.5}),
]


class Valley:
    """Rosenbrock's valley and a bowl, whose loss and gradients both engines compute themselves."""

    def __init__(self, E, name: str, options: dict, dtype: str = "float64") -> None:
        rng = np.random.default_rng(1)
        shapes = [(4, 3), (2, 5)] if name == "Muon" else [(4, 3), (3,), (2, 2, 3), ()]
        self.E = E
        self.p = [E.nn.Parameter(E.tensor(rng.normal(size=s).astype(dtype))) for s in shapes]
        self.opt = getattr(E.optim, name)(self.p, **options)

    def closure(self):
        self.opt.zero_grad()
        x = self.E.cat([p.reshape(-1) for p in self.p])
        loss = ((1 - x[:-1]) ** 2 + 3 * (x[1:] - x[:-1] ** 2) ** 2).sum() / 10 + 0.01 * (x**2).sum()
        loss.backward()
        return loss

    def steps(self, n: int) -> list:
        out = []
        for _ in range(n):
            if isinstance(self.opt, self.E.optim.LBFGS):
                out.append(float(self.opt.step(self.closure)))
            else:
                self.closure()
                self.opt.step()
            out += [to_numpy(p).copy() for p in self.p]
        return out


@pytest.mark.parametrize(("name", "options"), CASES)
def test_trajectories(name: str, options: dict) -> None:
    ours, theirs = Valley(glasstorch, name, options), Valley(torch, name, options)
    # Muon's iteration runs in bfloat16, where the last bit of a product decides over the third digit of the next.
    tolerance = 2e-2 if name == "Muon" else 1e-7
    for k, (a, b) in enumerate(zip(ours.steps(5), theirs.steps(5), strict=True)):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, err_msg=f"item {k}")
    mine, real = ours.opt.state_dict(), theirs.opt.state_dict()
    assert mine["param_groups"] == real["param_groups"]
    assert {k: set(v) for k, v in mine["state"].items()} == {k: set(v) for k, v in real["state"].items()}


OTHERS = [
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("Adam", {"amsgrad": True}),
    ("AdamW", {}),
    ("Adagrad", {}),
    ("Adadelta", {}),
    ("Adamax", {}),
    ("NAdam", {}),
    ("RAdam", {}),
    ("RMSprop", {"momentum": 0.5, "centered": True}),
    ("Rprop", {}),
    ("ASGD", {"t0": 2}),
]


@pytest.mark.parametrize(("name", "options"), [*CASES, *OTHERS])
def test_states_go_both_ways_in_files(name: str, options: dict) -> None:
    for first, second in ((torch, glasstorch), (glasstorch, torch)):
        begun = Valley(first, name, options)
        begun.steps(3)
        file = io.BytesIO()
        first.save({"p": [p.detach() for p in begun.p], "optimizer": begun.opt.state_dict()}, file)
        file.seek(0)
        saved = second.load(file, weights_only=True)
        resumed = Valley(second, name, options)
        with second.no_grad():
            for p, value in zip(resumed.p, saved["p"], strict=True):
                p.copy_(value)
        resumed.opt.load_state_dict(saved["optimizer"])
        tolerance = 2e-2 if name == "Muon" else 1e-7
        for a, b in zip(begun.steps(3), resumed.steps(3), strict=True):
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def test_complex_parameters() -> None:
    def run(E, name, **options):
        p = E.nn.Parameter(E.tensor([1 + 2j, -0.5j]))
        opt = getattr(E.optim, name)([p], **options)

        def closure():
            opt.zero_grad()
            loss = ((p * p.conj()).real ** 2).sum() + (p.real - 1).abs().sum()
            loss.backward()
            return loss

        for _ in range(3):
            opt.step(closure)
        return to_numpy(p)

    for options in ({"max_iter": 3}, {"max_iter": 3, "line_search_fn": "strong_wolfe"}):
        np.testing.assert_allclose(
            run(glasstorch, "LBFGS", **options), run(torch, "LBFGS", **options), rtol=1e-4, atol=1e-5
        )


def test_settings_as_tensors() -> None:
    def run(E, name, **options):
        p = E.nn.Parameter(E.ones(3).double())
        opt = getattr(E.optim, name)(
            [p], **{k: E.tensor(v) if k == "lr" else tuple(map(E.tensor, v)) for k, v in options.items()}
        )
        for _ in range(3):
            opt.zero_grad()
            (p**3).sum().backward()
            opt.step()
        return to_numpy(p)

    for name, options in (
        ("SGD", {"lr": 0.1}),
        ("Adam", {"lr": 0.1, "betas": (0.5, 0.7)}),
        ("Adafactor", {"lr": 0.1}),
        ("Adamax", {"betas": (0.5, 0.7)}),
    ):
        np.testing.assert_allclose(run(glasstorch, name, **options), run(torch, name, **options), rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("LBFGS", {"lr": -1}),
        ("Adafactor", {"lr": -1}),
        ("Adafactor", {"beta2_decay": 0.5}),
        ("Adafactor", {"eps": (-1.0, 1.0)}),
        ("Adafactor", {"eps": (None, -1.0)}),
        ("Adafactor", {"d": 0.5}),
        ("Adafactor", {"weight_decay": -1}),
        ("Muon", {"lr": -1}),
        ("Muon", {"momentum": -1}),
        ("Muon", {"weight_decay": -1}),
        ("Muon", {"adjust_lr_fn": "x"}),
        ("Muon", {"ns_steps": 100}),
        ("Muon", {"ns_coefficients": (1.0, 2.0)}),
        ("SparseAdam", {"lr": 0.0}),
        ("SparseAdam", {"eps": 0.0}),
        ("SparseAdam", {"betas": (1.0, 0.5)}),
        ("SparseAdam", {}),
        ("Adam", {"fused": True, "foreach": True}),
        ("Adagrad", {"fused": True, "foreach": True}),
        ("Adam", {"betas": "mixed"}),
    ],
)
def test_refusals(name: str, options: dict) -> None:
    messages = []
    for E in (torch, glasstorch):
        given = {k: (E.tensor(0.5), 0.9) if v == "mixed" else v for k, v in options.items()}
        p = E.nn.Parameter(E.ones(2, 2))
        p.grad = E.ones(2, 2)
        with pytest.raises(Exception) as error:  # noqa: PT011
            getattr(E.optim, name)([p], **given).step()
        messages.append((type(error.value).__name__, str(error.value)))
    assert messages[0] == messages[1]


def test_shapes_and_groups_that_are_refused() -> None:
    for E in (torch, glasstorch):
        vector, number = E.nn.Parameter(E.ones(2)), E.nn.Parameter(E.ones(2, 2, dtype=E.complex64))
        number.grad = E.ones(2, 2, dtype=E.complex64)
        with pytest.raises(
            ValueError,
            match=r"Muon only supports 2D parameters whereas we found a parameter with size: torch.Size\(\[2\]\)",
        ):
            E.optim.Muon([vector])
        with pytest.raises(RuntimeError, match="Muon does not support complex parameters"):
            E.optim.Muon([number]).step()
        with pytest.raises(RuntimeError, match="Adafactor does not support complex parameters"):
            E.optim.Adafactor([number]).step()
        with pytest.raises(ValueError, match="SparseAdam does not support complex parameters"):
            E.optim.SparseAdam([number])
        with pytest.raises(ValueError, match="LBFGS doesn't support per-parameter options"):
            E.optim.LBFGS([{"params": [vector]}, {"params": [number]}])
        opt = E.optim.LBFGS([vector], line_search_fn="x")
        vector.grad = E.ones(2)
        with pytest.raises(RuntimeError, match="only 'strong_wolfe' is supported"):
            opt.step(lambda vector=vector: vector.sum())


def test_differentiable_steps_say_that_they_are_not() -> None:
    with pytest.raises(NotImplementedError, match="create_graph=True"):
        glasstorch.optim.SGD([glasstorch.nn.Parameter(glasstorch.ones(1))], lr=0.1, differentiable=True)
