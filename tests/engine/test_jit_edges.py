"""Where a program could differ from its code: it is the same to the bit, or the code runs and the reason is told."""

from __future__ import annotations

import copy
import pickle
import random
import threading
import types
import warnings
from collections import OrderedDict

import glasstorch as torch
import pytest
from glasstorch import nn
from glasstorch.nn import functional as F

pytestmark = [
    pytest.mark.cpu,
    pytest.mark.filterwarnings("ignore::glasstorch.jit.TracerWarning"),
]
FACTOR = 2.0


def traced(f, *example):
    return torch.jit.trace(f, example)


def compiled(f, *example):
    made = torch.compile(f)
    made(*example)
    return made


WAYS = pytest.mark.parametrize("way", [traced, compiled])


def gradients(f, x, *more):
    """Of the results' squares, by ``x``."""
    y = x.detach().clone().requires_grad_()
    result = f(y * 1, *more)
    parts = result if isinstance(result, (list, tuple)) else [result]
    return torch.autograd.grad(sum(p.square().sum() for p in parts if p.requires_grad), y)[0]


@WAYS
def test_parameters_and_submodules_may_be_others(way) -> None:
    model, x = nn.Sequential(nn.Linear(3, 3), nn.ReLU()), torch.randn(4, 3)
    made = way(model, x)
    model[0].weight = nn.Parameter(torch.ones(3, 3))
    assert torch.equal(made(x), model(x))
    model[1] = nn.Tanh()
    assert torch.equal(made(x), model(x))
    model.double()
    assert torch.equal(made(x.double()), model(x.double()))
    model.load_state_dict({k: torch.zeros_like(v) for k, v in model.state_dict().items()}, assign=True)
    assert torch.equal(made(x.double()), model(x.double()))
    model.requires_grad_(False)
    assert not made(x.double()).requires_grad
    new = {k: torch.randn(3, 3)[: v.shape[0]].reshape(-1)[: v.numel()].reshape(v.shape) for k, v in
           model.named_parameters()}  # fmt: skip
    prefix = "_orig_mod." if way is compiled else ""
    got = torch.func.functional_call(made, {prefix + k: v for k, v in new.items()}, (x,))
    assert torch.equal(got, torch.func.functional_call(model, new, (x,)))


@WAYS
def test_modes_and_transforms_see_the_single_operations(way) -> None:
    def f(x):
        return (x.sin() * x).sum()

    x = torch.randn(3)
    made = way(f, x)
    assert torch.equal(torch.vmap(made)(x[:, None]), torch.vmap(f)(x[:, None]))
    assert torch.equal(torch.func.hessian(made)(x), torch.func.hessian(f)(x))
    model = nn.Linear(3, 2)
    made = way(model, x[None])
    with torch.autocast("cpu"):
        assert made(x[None]).dtype is torch.bfloat16
    torch.set_default_dtype(torch.float64)
    try:
        assert way(lambda x: x + torch.zeros(3), x)(x).dtype is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    packed = []
    made = way(f, x.requires_grad_())
    with torch.autograd.graph.saved_tensors_hooks(lambda t: packed.append(t) or t, lambda t: t):
        made(x)
    assert packed


VIEWS = {
    "a view of an input": lambda x: x[0],
    "a result and its view": lambda x: (lambda h: (h, h[:, 1:]))(x * 2),
    "two views of a hidden tensor": lambda x: (lambda h: (h[0], h.T))(x * 2),
    "parts": lambda x: (x * 2).chunk(3, 1),
    "the same twice": lambda x: (lambda h: (h, h))(x * 2),
    "detached": lambda x: (x.detach(), x * 2),
    "written as a view": lambda x: _write_into_views(x * 2),
}


def _write_into_views(h):
    h[0].add_(1)
    h.view(-1).mul_(3)
    return h


@WAYS
@pytest.mark.parametrize("name", VIEWS)
def test_results_share_memory_as_the_codes_do(name: str, way) -> None:
    f = VIEWS[name]
    x = torch.randn(3, 3)
    made = way(f, x.clone().requires_grad_() * 1)

    def used(g):
        def run(x):
            parts = g(x)
            parts = [parts] if isinstance(parts, torch.Tensor) else list(parts)
            with torch.no_grad() if name == "parts" else torch.enable_grad():
                parts[-1].detach().mul_(2) if name == "parts" else parts[-1].mul_(2)
            return [*parts, x * 1]

        return run

    for _ in range(2):
        if name == "parts":  # several at once: writing into one of them is refused when it has a history
            assert torch.equal(gradients(made, x), gradients(f, x))
        else:
            assert torch.equal(gradients(used(made), x), gradients(used(f), x))
    first = made(x)
    assert name != "the same twice" or first[0] is first[1]
    version = x._version
    y = made(x)
    if name == "a view of an input":
        y.zero_()
        assert not x[0].any()
        assert x._version == version + 1


@WAYS
def test_second_derivatives_run_the_code_again(way) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
    made = way(model, torch.randn(4, 3))
    x = torch.randn(4, 3)
    found = []
    for m in (made, model, made):
        model.zero_grad()
        y = x.clone().requires_grad_()
        (g,) = torch.autograd.grad(m(y).sum(), y, create_graph=True)
        (g.norm(dim=1) - 1).square().mean().backward()
        found.append(model[0].weight.grad.clone())
    assert torch.equal(found[0], found[1])
    assert torch.equal(found[2], found[1])


def test_layouts_have_programs_of_their_own() -> None:
    def f(x):
        return ((x.T * 1.1 + 0.3).exp()).sum(0)

    made = torch.compile(f)
    for _ in range(3):
        x = torch.randn(61, 62)
        assert torch.equal(made(x), f(x))
        assert torch.equal(made(x.T), f(x.T))
    flat = torch.compile(lambda x: x.view(-1) * 2)
    flat(x)
    with pytest.raises(RuntimeError, match="view"):
        flat(x.T)


@WAYS
def test_written_inputs_and_buffers_count_versions(way) -> None:
    made = way(lambda x: x.add_(1) * 2, torch.zeros(3))
    x = torch.zeros(3)
    made(x)
    assert (x.tolist(), x._version) == ([1, 1, 1], 1)
    norm = nn.BatchNorm1d(3)
    made = way(norm, torch.randn(5, 3))
    before = norm.running_mean._version
    made(torch.randn(5, 3))
    assert norm.running_mean._version == before + 1


REASONS = {
    "hook": (lambda x: _with_hook(x), "Hooks"),
    "backward": (lambda x: x.sum().backward() or x * 2, r"backward\(\)"),
    "mask": (lambda x: x[x > 0].sum(), "mask"),
    "grads": (lambda x: _scaled_in_place(x * 1), "written over"),
    "python's random": (lambda x: x * random.random(), "random"),
    "equal": (lambda x: x * torch.equal(x, x.clone()), "bool"),
    "numbers": (lambda x: x * torch.as_tensor([float(x[0])]), "number"),
    "generator": (lambda x: x * torch.rand(3, generator=torch.Generator()), "generator"),
    "out": (lambda x: torch.add(x, 1, out=torch.empty(3)), "other values|no operation"),
}  # fmt: skip


def _with_hook(x):
    h = x * 2
    h.register_hook(lambda g: g * 3)
    return h


def _scaled_in_place(h):
    y = h.sin()
    h.mul_(2)
    return y


@pytest.mark.parametrize("name", REASONS)
def test_what_no_program_says_runs_once_and_as_it_is_written(name: str) -> None:
    f, reason = REASONS[name]
    calls = []
    made = torch.compile(lambda x: calls.append(1) or f(x))
    for k in range(3):
        made(torch.randn(3, requires_grad=name not in ("out",)))
        assert len(calls) == k + 1
    with pytest.raises(torch.jit.Untraceable, match=reason):
        torch.compile(f, fullgraph=True)(torch.randn(3, requires_grad=name not in ("out",)))


INDICES = {
    "index": lambda x, i: x[i], "gather": lambda x, i: x.gather(0, i[:, None]),
    "index_add": lambda x, i: x.index_add(0, i, x[:5]), "index_copy": lambda x, i: x.index_copy(0, i, x[:5]),
    "scatter": lambda x, i: x.scatter(0, i[:, None], x), "embedding": lambda x, i: F.embedding(i, x),
    "cross_entropy": lambda x, i: F.cross_entropy(x[:5], i % 4), "mask": lambda x, i: _masked(x.clone(), i),
    "masked_scatter": lambda x, i: x[:5].masked_scatter((i > 1)[:, None], torch.randn(20)),
    "instance norm": lambda x, i: NORM(x[None].mT), "one_hot": lambda x, i: F.one_hot(i, 6).float() * x.sum(),
}  # fmt: skip
NORM = nn.InstanceNorm1d(4, track_running_stats=True)


def _masked(x, i):
    x[x > 0.5] = 0
    x[i % 2, 1] += 1
    return x


@pytest.mark.parametrize("name", INDICES)
def test_other_indices_are_other_places(name: str) -> None:
    f = INDICES[name]
    made = torch.compile(f)
    for seed in range(4):
        torch.manual_seed(seed)
        x, i = torch.randn(6, 4), torch.randint(0, 6, (5,))
        before = copy.deepcopy(NORM.state_dict())
        torch.manual_seed(seed)
        mine = gradients(made, x, i)
        after = copy.deepcopy(NORM.state_dict())
        NORM.load_state_dict(before)
        torch.manual_seed(seed)
        assert torch.equal(mine, gradients(f, x, i))
        assert all(torch.equal(after[k], v) for k, v in NORM.state_dict().items())


def test_compiled_code_sees_what_changes_around_it() -> None:
    global FACTOR
    here, config, x = 2.0, types.SimpleNamespace(scale=2.0, more=[1.0]), torch.ones(3)
    made = torch.compile(lambda x: x * FACTOR * here * config.scale + config.more[0])
    assert made(x).tolist() == made(x).tolist() == [9, 9, 9]
    here = 3.0
    assert made(x)[0] == 13
    config.scale = 1.0
    assert made(x)[0] == 7
    config.more[0] = 2.0
    assert made(x)[0] == 8
    try:
        FACTOR = 1.0
        assert made(x)[0] == 5
    finally:
        FACTOR = 2.0
    assert made.reasons == []
    assert torch.equal(torch.compile(lambda x, s: x / s)(x, -2.0), x / -2.0)
    flag = torch.tensor(1.0)
    branch = torch.compile(lambda x: x * 2 if flag.item() > 0 else x)
    branch(x)
    flag.neg_()
    assert branch(x)[0] == 1

    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.scales, self.shift = nn.Linear(3, 3), [1.0], torch.zeros(3)

        @torch.compile
        def forward(self, x):
            return self.layer(x) * self.scales[0] + self.shift

    model = Own()
    model(x), model(x)
    model.scales[0], model.shift = 5.0, torch.ones(3)
    assert torch.equal(model(x), model.layer(x) * 5 + 1)
    assert Own.forward.reasons == []


def test_a_compiled_optimizer_step_still_steps() -> None:
    for make in (torch.optim.SGD, torch.optim.Adam):
        models = [nn.Linear(3, 2)]
        models.append(copy.deepcopy(models[0]))
        optimizers = [make(m.parameters(), lr=0.1) for m in models]
        steps = [torch.compile(optimizers[0].step), optimizers[1].step]
        for _ in range(3):
            x = torch.randn(4, 3)
            for m, o, step in zip(models, optimizers, steps, strict=True):
                o.zero_grad()
                m(x).square().sum().backward()
                step()
            assert torch.equal(models[0].weight, models[1].weight)


@WAYS
def test_copies_and_pickles_begin_anew(way) -> None:
    made, x = way(nn.Sequential(nn.Linear(3, 2)), torch.randn(4, 3)), torch.randn(4, 3)
    for other in (copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert torch.equal(other(x), made(x))
        with torch.no_grad():
            for p in other.parameters():
                p.zero_()
        assert not other(x).any()
        assert made(x).any()


@WAYS
def test_threads_share_programs(way) -> None:
    model = nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 8))
    made, wrong = way(model, torch.randn(4, 8)), []

    def work(k: int) -> None:
        try:
            for j in range(30):
                x = torch.randn(2 + (k + j) % 4, 8)
                if not torch.equal(made(x), model(x)):
                    wrong.append(x)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == []


def test_a_traced_module_inside_of_another_one() -> None:
    inner = torch.jit.trace(nn.Linear(3, 2), torch.randn(4, 3))
    outer = torch.jit.trace(nn.Sequential(OrderedDict(inner=inner, tanh=nn.Tanh())), torch.randn(4, 3))
    x = torch.randn(4, 3)
    assert torch.equal(outer(x), inner(x).tanh())
    assert "tanh" in outer.code
    with torch.autograd.graph.record():
        assert outer(x).grad_fn.name() == "TanhBackward0"


def test_a_traced_call_without_a_program_says_so() -> None:
    made = torch.jit.trace(lambda x: x * 2 if x.dim() else x.nonzero().sum() + x, torch.ones(3))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert made(torch.tensor(2.0)).item() == 2
    assert "runs as it is written" in str(caught[0].message)
    assert made.reasons
    for k in range(100):  # programs are not kept without bound
        made(torch.ones(k + 1))
    assert len(made._programs.runners) <= 64
