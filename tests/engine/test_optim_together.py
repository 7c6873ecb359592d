"""Small parameters step together: what anyone can see of it is PyTorch's."""

from __future__ import annotations

import copy
import io

import glasstorch
import numpy as np
import pytest
from glasstorch.optim import elementwise

torch = pytest.importorskip("torch", reason="compared with real PyTorch")

SHAPES = [(3, 4), (4,), (), (0,), (2, 1, 5), (200, 300), (7,)]  # one too large to go along
OPTIONS = [
    {},
    {"weight_decay": 0.1},
    {"amsgrad": True},
    {"maximize": True, "eps": 1e-3},
    {"weight_decay": 0.1, "decoupled_weight_decay": True, "betas": (0.5, 0.6)},
]


def pair(options, dtype="float64", seed=0):
    """The same parameters and optimizer on both engines."""
    values = [np.random.default_rng(seed + i).standard_normal(shape) for i, shape in enumerate(SHAPES)]
    out = []
    for E in (glasstorch, torch):
        params = [E.nn.Parameter(E.tensor(v, dtype=getattr(E, dtype))) for v in values]
        out.append((E, params, E.optim.Adam(params, lr=0.01, **options)))
    return out


def step(both, k, skip=()):
    """One step with gradients that depend on ``k`` alone; those in ``skip`` have none."""
    for E, params, optimizer in both:
        for i, p in enumerate(params):
            g = np.random.default_rng(1000 * k + i).standard_normal(tuple(p.shape))
            p.grad = None if i in skip else E.tensor(g, dtype=p.dtype)
        optimizer.step()


def same(both):
    (_, ours, optimizer), (_, theirs, reference) = both
    for p, q in zip(ours, theirs):
        np.testing.assert_allclose(p.detach().numpy(), q.detach().numpy(), rtol=1e-9, atol=1e-12)
    a, b = optimizer.state_dict()["state"], reference.state_dict()["state"]
    assert list(a) == list(b)
    for i in a:
        assert list(a[i]) == list(b[i])
        for name in a[i]:
            assert a[i][name].shape == b[i][name].shape
            np.testing.assert_allclose(a[i][name].numpy(), b[i][name].numpy(), rtol=1e-9, atol=1e-12)


def companies(optimizer):
    return [len(c.params) for _, found in optimizer._companies.values() for c in found]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_same_steps_as_pytorch(options):
    both = pair(options)
    for k in range(4):
        step(both, k)
        same(both)
    assert companies(both[0][2]) == [6]


def test_parameters_come_and_go():
    both = pair({})
    for k, skip in enumerate([(), (1,), (1, 4), (), (0, 1, 2, 3, 4), ()]):
        step(both, k, skip)
        same(both)
    assert companies(both[0][2]) == [3]  # the others are at steps of their own


def test_whoever_replaces_a_tensor_is_heeded():
    both = pair({})
    step(both, 0)
    for E, params, optimizer in both:
        optimizer.state[params[0]]["exp_avg"] = E.ones(3, 4, dtype=E.float64)  # another tensor
        optimizer.state[params[1]]["exp_avg_sq"].mul_(3)  # the same one, changed
        optimizer.state[params[2]]["step"].fill_(7)
        params[4].data = E.zeros(2, 1, 5, dtype=E.float64)
        optimizer.param_groups[0]["lr"] = 0.5
    step(both, 1)
    same(both)
    for _, _, optimizer in both:
        optimizer.param_groups[0]["amsgrad"] = True
        if optimizer is both[1][2]:  # PyTorch makes this state only when it makes all of it
            for p, state in optimizer.state.items():
                state["max_exp_avg_sq"] = torch.zeros_like(p)
    step(both, 2)
    same(both)


def test_a_parameter_group_added_later():
    both = pair({})
    step(both, 0)
    for i, (E, params, optimizer) in enumerate(both):
        more = [E.nn.Parameter(E.ones(k + 1, dtype=E.float64)) for k in range(4)]
        optimizer.add_param_group({"params": more, "lr": 0.2})
        both[i] = (E, params + more, optimizer)
    step(both, 1)
    step(both, 2)
    same(both)
    assert companies(both[0][2]) == [6, 4]


def test_state_is_of_the_tensors_themselves():
    (_, params, optimizer), _ = both = pair({}, "float32")
    step(both, 0)
    state = optimizer.state[params[0]]
    for name in ("exp_avg", "exp_avg_sq"):
        assert state[name].untyped_storage().nbytes() == 4 * 12
        assert state[name]._base is None
        assert state[name].is_contiguous()
    kept = state["exp_avg"]
    step(both, 1)
    assert optimizer.state[params[0]]["exp_avg"] is kept
    assert params[0]._version == 2


def test_saved_copied_and_loaded():
    both = pair({})
    step(both, 0)
    step(both, 1)
    (_, params, optimizer), (_, _, reference) = both
    file = io.BytesIO()
    glasstorch.save(optimizer.state_dict(), file)
    file.seek(0)
    loaded = torch.load(file)
    reference.load_state_dict(loaded)
    optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    step(both, 2)
    same(both)
    twin = copy.deepcopy(optimizer)
    before = params[0].detach().clone()
    for p in twin.param_groups[0]["params"]:
        p.grad = glasstorch.ones_like(p)
    twin.step()
    assert glasstorch.equal(params[0], before)
    assert float(optimizer.state[params[0]]["step"]) == 3


def test_types_stay_apart():
    for E in (glasstorch, torch):
        E.manual_seed(0)
    out = []
    for E in (glasstorch, torch):
        params = [
            E.nn.Parameter(E.arange(5).to(kind))
            for kind in (E.float32, E.float64, E.float32, E.float64, E.float32, E.complex64, E.float64)
        ]
        optimizer = E.optim.AdamW(params, lr=0.1)
        for _ in range(3):
            for p in params:
                p.grad = p.detach() * 2 + 1
            optimizer.step()
        out.append((params, optimizer))
    (ours, optimizer), (theirs, _) = out
    assert sorted(companies(optimizer)) == [3, 3]
    for p, q in zip(ours, theirs):
        np.testing.assert_allclose(p.detach().numpy(), q.detach().numpy(), rtol=2e-6)


def test_large_arrays_go_piece_by_piece():
    n = 2 * elementwise.PIECE + 77
    out = []
    for E in (glasstorch, torch):
        p = E.nn.Parameter(E.linspace(-1, 1, n, dtype=E.float64))
        optimizer = E.optim.Adam([p], lr=0.1, weight_decay=0.1)
        for k in range(3):
            p.grad = p.detach() * (k + 1)
            optimizer.step()
        out.append(p.detach().numpy())
    np.testing.assert_allclose(*out, rtol=1e-9)
