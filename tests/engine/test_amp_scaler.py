"""GradScaler against PyTorch, step for step."""

from __future__ import annotations

import copy
import pickle

import glasstorch
import numpy as np
import pytest
from support.differential import raises_alike

torch = pytest.importorskip("torch")


def pair(E, **options):
    p = E.nn.Parameter(E.tensor([1.0, 2.0]))
    return E.amp.GradScaler("cpu", **options), p, E.optim.SGD([p], lr=0.1)


@pytest.mark.parametrize(
    "factors", [[2, 2, 2, 2, 2], [2, np.inf, 2, 2, np.nan, 2], [np.inf] * 3, [2, 2, np.inf, 2, 2, 2, 2]]
)
@pytest.mark.parametrize("explicit", [False, True])
def test_iterations(factors: list, explicit: bool) -> None:
    def run(E):
        scaler, p, opt = pair(E, init_scale=8.0, growth_interval=2, growth_factor=3.0, backoff_factor=0.25)
        seen = []
        for f in factors:
            opt.zero_grad()
            scaler.scale((p * f).sum()).backward()
            if explicit:
                scaler.unscale_(opt)
                seen.append(p.grad.tolist() if np.isfinite(f) else None)
            seen.append(scaler.step(opt))
            scaler.update()
            seen.append((p.tolist(), scaler.get_scale(), scaler.state_dict()))
        return seen

    ours, theirs = run(glasstorch), run(torch)
    for a, b in zip(ours, theirs, strict=True):
        assert a == b


def test_growth_stops_at_infinity() -> None:
    def run(E):
        scaler, p, opt = pair(E, init_scale=1e38, growth_interval=1, growth_factor=10.0)
        scaler.scale((p * 1e-30).sum()).backward()
        scaler.step(opt)
        scaler.update()
        return scaler.get_scale()

    assert run(glasstorch) == run(torch)


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_gradients_of_every_type(dtype: str) -> None:
    def run(E):
        scaler = E.amp.GradScaler("cpu", init_scale=3.0)
        p = E.nn.Parameter(E.tensor([1.0, 0.1, 1e-3]).to(getattr(E, dtype)))
        opt = E.optim.SGD([{"params": [p]}, {"params": [E.nn.Parameter(E.ones(1))]}], lr=0.1)
        scaler.scale((p * p).sum()).backward()
        scaler.unscale_(opt)
        return p.grad.double().tolist()

    assert run(glasstorch) == run(torch)


def test_several_optimizers_and_outputs() -> None:
    def run(E):
        scaler, p, first = pair(E, init_scale=4.0)
        q = E.nn.Parameter(E.ones(1))
        second = E.optim.Adam([q], lr=0.1)
        a, (b, c) = scaler.scale(((p * 2).sum(), [q * float("inf"), q]))
        (a + c).backward()
        b.backward()
        scaler.step(first)
        scaler.step(second)
        scaler.update()
        return p.tolist(), q.tolist(), scaler.get_scale(), [t.item() for t in scaler.scale(t for t in (q, q))]

    assert run(glasstorch) == run(torch)


def test_scale_can_be_set_and_saved() -> None:
    def run(E):
        scaler, p, opt = pair(E, init_scale=4.0, growth_interval=5)
        seen = [scaler.state_dict(), scaler.get_scale()]
        scaler.load_state_dict({**scaler.state_dict(), "scale": 16.0, "_growth_tracker": 3})
        scaler.scale(p.sum()).backward()
        scaler.step(opt)
        scaler.update()
        seen += [scaler.state_dict(), p.tolist()]
        scaler.update(32.0)
        seen.append(scaler.get_scale())
        scaler.update(E.tensor(64.0))
        scaler.set_growth_factor(3.0), scaler.set_backoff_factor(0.1), scaler.set_growth_interval(7)
        again = pickle.loads(pickle.dumps(scaler))
        other = copy.deepcopy(scaler)
        seen += [
            again.state_dict(),
            other.state_dict(),
            scaler.get_growth_factor(),
            scaler.get_backoff_factor(),
            scaler.get_growth_interval(),
            scaler.is_enabled(),
        ]
        return seen

    assert run(glasstorch) == run(torch)


def test_disabled() -> None:
    def run(E):
        scaler, p, opt = pair(E, enabled=False)
        loss = p.sum()
        assert scaler.scale(loss) is loss
        loss.backward()
        scaler.unscale_(opt)
        scaler.step(opt)
        scaler.update()
        scaler.load_state_dict({})
        return p.tolist(), scaler.get_scale(), scaler.state_dict(), scaler.is_enabled()

    assert run(glasstorch) == run(torch)


def test_optimizer_that_unscales_by_itself() -> None:
    def run(E):
        seen = []

        class Own(E.optim.SGD):
            _step_supports_amp_scaling = True

            def step(self, closure=None):
                seen.append(
                    (None if self.grad_scale is None else float(self.grad_scale), float(self.found_inf))
                )

        p = E.nn.Parameter(E.ones(2))
        opt, scaler = Own([p], lr=0.1), E.amp.GradScaler("cpu", init_scale=4.0)
        for explicit, f in ((False, 1.0), (True, 1.0), (False, float("inf"))):
            opt.zero_grad()
            scaler.scale((p * f).sum()).backward()
            if explicit:
                scaler.unscale_(opt)
            scaler.step(opt)
            scaler.update()
        return seen, hasattr(opt, "grad_scale"), scaler.get_scale()

    assert run(glasstorch) == run(torch)


def test_wrong_order() -> None:
    def scaled(E):
        scaler, p, opt = pair(E)
        scaler.scale(p.sum()).backward()
        return scaler, p, opt

    def twice(E, *calls):
        scaler, _, opt = scaled(E)
        for name in calls:
            getattr(scaler, name)(opt)

    def without_gradients(E):
        scaler, p, opt = scaled(E)
        p.grad = None
        scaler.step(opt)

    def half(E):
        scaler, _p, opt = scaled(E)
        q = E.nn.Parameter(E.ones(1).half())
        opt.add_param_group({"params": [q]})
        q.grad = E.ones(1).half()
        scaler.unscale_(opt)

    raises_alike(lambda E: pair(E)[0].step(pair(E)[2]), "Attempted step but _scale is None.")
    raises_alike(lambda E: pair(E)[0].unscale_(pair(E)[2]), "Attempted unscale_ but _scale is None.")
    raises_alike(lambda E: pair(E)[0].update(), "Attempted update but _scale is None.")
    raises_alike(
        lambda E: twice(E, "unscale_", "unscale_"),
        "unscale_() has already been called on this optimizer since the last",
    )
    raises_alike(lambda E: twice(E, "step", "unscale_"), "unscale_() is being called after step().")
    raises_alike(
        lambda E: twice(E, "step", "step"), "step() has already been called since the last update()."
    )
    raises_alike(without_gradients, "No inf checks were recorded for this optimizer.")
    raises_alike(lambda E: scaled(E)[0].update(), "No inf checks were recorded prior to update.")
    raises_alike(half, "Attempting to unscale FP16 gradients.")
    raises_alike(
        lambda E: scaled(E)[0].step(pair(E)[2], closure=lambda: 0), "Closure use is not currently supported"
    )
    raises_alike(lambda E: scaled(E)[0].update(E.ones(2)), "new_scale should be a float or a 1-element")
    raises_alike(lambda E: E.amp.GradScaler("cpu", growth_factor=1.0), "The growth factor must be > 1.0.")
    raises_alike(lambda E: E.amp.GradScaler("cpu", backoff_factor=1.0), "The backoff factor must be < 1.0.")
    raises_alike(lambda E: E.amp.GradScaler("cpu").load_state_dict({}), "The source state dict is empty")
    raises_alike(
        lambda E: E.amp.GradScaler("cpu").scale(3), "outputs must be a Tensor or an iterable of Tensors"
    )
