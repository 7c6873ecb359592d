"""Random numbers against PyTorch: the same seed gives the same bits, whatever is drawn in whatever order."""

from __future__ import annotations

import copy
import importlib.util
import pickle
from pathlib import Path

import glasstorch
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.differential import torch

KINDS = ["float32", "float64"]
SIZES = [*range(1, 101), 255, 1000, 20_001]


def bits(E, t):
    """The bytes of a tensor of either engine."""
    if t.dtype in (E.bfloat16, E.float16):
        t = t.float()
    return t.resolve_conj().numpy().tobytes() if E is torch else np.ascontiguousarray(t.numpy()).tobytes()


def same(fn, seed=0):
    """``fn(engine)`` gives tensors equal to the last bit, and leaves the two generators in the same state."""
    results = []
    for E in (torch, glasstorch):
        E.manual_seed(seed)
        out = fn(E)
        out = out if isinstance(out, (list, tuple)) else [out]
        results.append(
            ([(str(t.dtype), tuple(t.shape), bits(E, t)) for t in out], bits(E, E.get_rng_state()))
        )
    (theirs, their_state), (ours, our_state) = results
    for k, (a, b) in enumerate(zip(theirs, ours, strict=True)):
        assert a[:2] == b[:2], f"result {k}: {b[:2]}, PyTorch {a[:2]}"
        assert a == b, f"result {k} differs"
    assert their_state == our_state


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["rand", "randn"])
def test_every_size(name, kind):
    same(lambda E: [getattr(E, name)(n, dtype=getattr(E, kind)) for n in SIZES], seed=11)


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "complex64", "complex128"])
@pytest.mark.parametrize("name", ["rand", "randn"])
def test_other_types(name, kind):
    if kind == "bfloat16":
        pytest.importorskip("ml_dtypes")
    same(
        lambda E: [getattr(E, name)(n, dtype=getattr(E, kind)) for n in (1, 5, 15, 16, 17, 33, 64, 999)],
        seed=3,
    )


@pytest.mark.parametrize("name", ["rand", "randn"])
def test_a_million(name):
    same(lambda E: getattr(E, name)(1000, 1001), seed=5)


@pytest.mark.parametrize("kind", KINDS)
def test_bounds_mean_and_std(kind):
    def fn(E):
        x = lambda *s: E.empty(*s, dtype=getattr(E, kind))  # noqa: E731
        return [
            x(7, 9).uniform_(-0.3, 0.9),
            x(3).uniform_(5, 5),
            x(1000).uniform_(-0.05, 0.05),
            x(40).normal_(2, 0.3),
            x(15).normal_(-1, 1e-3),
            x(0).normal_(),
            x(1000).normal_(0.1, 1 / 3),
            x(4, 5).normal_(3, 0),
        ]

    same(fn, seed=2)


def test_randint_and_randperm():
    def fn(E):
        spans = [(0, 10), (-5, 2**28 - 6), (-5, 2**28 - 5), (0, 2**40), (-(2**62), 2**62)]
        out = [E.randint(low, high, (33,)) for low, high in spans]
        out += [E.randperm(n) for n in (0, 1, 2, 3, 10, 1000, 5000)]
        out += [
            E.randint(7, (2, 3)),
            E.randint(0, 2, (9,), dtype=E.bool),
            E.randint(3, 200, (9,), dtype=E.uint8),
            E.randint(-9, 9, (5,), dtype=E.float32),
            E.randint_like(E.ones(4), 2, 8),
            E.randperm(9, dtype=E.float64),
            E.randint(low=1, high=4, size=(5,)),
            E.randint(9, size=(5,)),
        ]
        return out

    same(fn, seed=7)


@pytest.mark.parametrize(
    "kind", ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
)
def test_random_in_place(kind):
    def fn(E):
        x = lambda: E.empty(40, dtype=getattr(E, kind))  # noqa: E731
        out = [x().random_(), x().random_(1), x().random_(0, 2), x().random_(0, None)]
        return out if kind in ("bool", "uint8") else [*out, x().random_(-5, 9), x().random_(-5, None)]

    same(fn, seed=8)


def test_random_near_a_types_limits():
    def fn(E):
        return [
            E.empty(9, dtype=E.float16).random_(0, 65504),
            E.empty(9).random_(-(2**24), 2**24),
            E.empty(9, dtype=E.int64).random_(-(2**63), None),
            E.empty(9, dtype=E.float64).random_(-(2**63), None),
        ]

    same(fn, seed=8)
    with pytest.warns(UserWarning, match="out of bounds"):
        same(lambda E: [E.empty(50).random_(2**24 + 1, 2**26 + 3)], seed=8)


def test_other_distributions():
    def fn(E):
        x = lambda: E.empty(200)  # noqa: E731
        d = lambda: E.empty(3, 7, dtype=E.float64)  # noqa: E731
        return [
            x().exponential_(),
            d().exponential_(2.5),
            x().geometric_(0.2),
            x().log_normal_(),
            d().log_normal_(0, 0.5),
            x().cauchy_(),
            d().cauchy_(1, 3),
            E.empty(30, dtype=E.int64).geometric_(0.3),
            x().bernoulli_(0.3),
            E.empty(30, dtype=E.bool).bernoulli_(0.7),
            E.empty(3, 4).bernoulli_(E.tensor([0.1, 0.5, 0.9, 1.0])),
            E.bernoulli(E.full((50,), 0.25)),
            E.bernoulli(E.full((50,), 0.25, dtype=E.float64)),
            E.bernoulli(E.zeros(20), 0.5),
            E.empty(10).bernoulli_(E.tensor(0.3)),
        ]

    same(fn, seed=12)


def test_normal_with_tensors():
    def fn(E):
        m, s = E.arange(6.0).reshape(2, 3), E.linspace(0.1, 2, 3)
        return [
            E.normal(m, s),
            E.normal(m),
            E.normal(m, 0.3),
            E.normal(0.5, s),
            E.normal(2, 3, (4, 5)),
            E.normal(E.zeros(20, dtype=E.complex64), 1.0),
            E.normal(mean=E.zeros(3), std=E.ones(3, dtype=E.float64)),
        ]

    same(fn, seed=4)


def test_multinomial():
    def fn(E):
        w = E.tensor([[0.1, 3.0, 0.0, 2.0], [1.0, 1.0, 1.0, 0.5]])
        return [
            E.multinomial(w, 1),
            E.multinomial(w, 3),
            E.multinomial(w[1], 4),
            E.multinomial(w, 50, True),
            E.multinomial(w.double(), 20, replacement=True),
            E.multinomial(w[0], 1, True),
            E.multinomial(E.arange(1.0, 2000.0), 60),
        ]

    same(fn, seed=6)


def test_memory_order_of_tensors_with_gaps():
    def fn(E):
        return [
            E.empty(5, 4).t().uniform_(),
            E.empty(3, 4, 5).permute(2, 0, 1).normal_(),
            E.zeros(10, 8)[::2, 1::3].normal_(),
            E.zeros(6, 6)[:, 2].random_(100),
            E.empty(5, 4).t().bernoulli_(E.linspace(0, 1, 5)),
            E.zeros(8, 8)[1:7].normal_(),
        ]

    same(fn, seed=9)


CALLS = {
    "randn 3": lambda E: E.randn(3),
    "randn 20": lambda E: E.randn(20),
    "randn 4 float64": lambda E: E.randn(4, dtype=E.float64),
    "rand 5": lambda E: E.rand(5),
    "rand 3 float64": lambda E: E.rand(3, dtype=E.float64),
    "randint": lambda E: E.randint(0, 9, (4,)),
    "randperm": lambda E: E.randperm(6),
    "randperm 1": lambda E: E.randperm(1),
    "empty": lambda E: E.randn(0),
    "bernoulli": lambda E: E.empty(3).bernoulli_(),
    "restore": lambda E: (E.set_rng_state(E.get_rng_state()), E.rand(1))[1],
}


@given(st.lists(st.sampled_from(sorted(CALLS)), min_size=1, max_size=12), st.integers(-(2**63), 2**64 - 1))
@settings(max_examples=40, deadline=None)
def test_any_mix_of_calls(names, seed):
    same(lambda E: [CALLS[n](E) for n in names], seed)


def test_states_travel_between_the_engines():
    torch.manual_seed(77)
    torch.randn(5), torch.rand(700)
    glasstorch.set_rng_state(glasstorch.tensor(torch.get_rng_state().numpy()))
    assert glasstorch.initial_seed() == 77
    np.testing.assert_array_equal(glasstorch.randn(5).numpy(), torch.randn(5).numpy())
    g = torch.Generator().set_state(torch.from_numpy(glasstorch.get_rng_state().numpy()))
    np.testing.assert_array_equal(glasstorch.rand(3).numpy(), torch.rand(3, generator=g).numpy())


def test_linear_layers_start_with_pytorchs_weights():
    nn = pytest.importorskip("glasstorch.nn")

    def fn(E):
        n = E.nn if E is torch else nn
        m = n.Linear(784, 30)
        return [m.weight.detach(), m.bias.detach()]

    same(fn, seed=0)


WRONG = [
    "rand(2, dtype=E.int64)",
    "randn(2, dtype=E.int64)",
    "rand(-1)",
    "randint(5, 5, (2,))",
    "randint(0, 300, (2,), dtype=E.uint8)",
    "randint(0, 3, (2,), dtype=E.bool)",
    "randint(3, 2)",
    "randint(0, 3, (2,), requires_grad=True)",
    "rand_like([1])",
    "randperm(-1)",
    "randperm(300, dtype=E.uint8)",
    "randperm(3000, dtype=E.float16)",
    "normal(0., -1., (2,))",
    "normal(E.zeros(3), E.ones(2))",
    "normal(E.zeros(3), -E.ones(3))",
    "normal(0, E.ones(3, dtype=E.int64))",
    "bernoulli(E.tensor([1, 0]))",
    "bernoulli(E.ones(2), p=2.)",
    "empty(2).bernoulli_(-.5)",
    "empty(2).bernoulli_(E.ones(3))",
    "empty(2, dtype=E.int64).normal_()",
    "empty(2).normal_(0, -1)",
    "empty(2, dtype=E.int64).uniform_()",
    "empty(2).uniform_(2, 1)",
    "empty(2).uniform_(-1e39, 1)",
    "empty(2).uniform_(-3e38, 3e38)",
    "empty(2).exponential_(0)",
    "empty(2, dtype=E.int64).exponential_()",
    "empty(2).geometric_(1.5)",
    "empty(2).cauchy_(0, -1)",
    "empty(2).log_normal_(0, -1)",
    "empty(2, dtype=E.complex64).random_()",
    "empty(2, dtype=E.int8).random_(5, 3)",
    "empty(2, dtype=E.int8).random_(0, 300)",
    "empty(2, dtype=E.float16).random_(0, 70000)",
    "multinomial(E.ones(2), 3)",
    "multinomial(E.ones(2), 0)",
    "multinomial(E.tensor([1, 2]), 1)",
    "multinomial(E.tensor([-1., 2.]), 1)",
    "multinomial(E.zeros(2), 1)",
    "multinomial(E.zeros(2), 3, True)",
    "multinomial(E.tensor([-1., 2.]), 3, True)",
    "multinomial(E.ones(2, 2, 2), 1)",
    "ones(2, requires_grad=True).uniform_()",
    "ones(1).expand(3).uniform_()",
    "randn(2, out=E.empty(0).double(), dtype=E.float32)",
    "manual_seed(2**64)",
    "manual_seed(-2**63 - 1)",
    "Generator().manual_seed(1.5)",
    "Generator().set_state(E.zeros(3))",
    "Generator().set_state(E.zeros(3, dtype=E.uint8))",
    "Generator().set_state(E.zeros(5056, dtype=E.uint8))",
    "Generator().set_state([1])",
    "set_rng_state(E.zeros(3))",
    "Generator('meta')",
]


@pytest.mark.parametrize("text", WRONG)
def test_errors_in_pytorchs_words(text):
    caught = []
    for E in (torch, glasstorch):
        try:
            eval(f"E.{text}", {"E": E})
        except Exception as e:
            caught.append((type(e), str(e).strip()))
    assert len(caught) == 2, f"{len(caught)} of 2 engines refused"
    assert caught[1] == caught[0]


def test_generators_are_independent_and_can_be_copied():
    a, b = glasstorch.Generator().manual_seed(3), glasstorch.Generator().manual_seed(3)
    glasstorch.manual_seed(0)
    first = glasstorch.randn(5, generator=a)
    assert glasstorch.equal(first, glasstorch.randn(5, generator=b))
    c, d = copy.deepcopy(a), pickle.loads(pickle.dumps(a))
    want = glasstorch.rand(4, generator=a)
    for g in (b, c, d):
        assert glasstorch.equal(want, glasstorch.rand(4, generator=g))
        assert g.initial_seed() == 3
    assert str(a.device) == "cpu"
    assert glasstorch.Generator().initial_seed() == torch.Generator().initial_seed()


def test_fork_rng_puts_the_state_back():
    glasstorch.manual_seed(1)
    with glasstorch.random.fork_rng():
        inside = glasstorch.rand(3)
    assert glasstorch.equal(inside, glasstorch.rand(3))


def test_seed_differs_every_time_and_is_reported():
    a = glasstorch.seed()
    assert a == glasstorch.initial_seed() != glasstorch.seed()
    glasstorch.manual_seed(-1)
    assert glasstorch.initial_seed() == 2**64 - 1


def test_sampling_is_no_part_of_the_graph():
    x = glasstorch.ones(3, requires_grad=True)
    y = x * 2
    y.normal_()
    assert y._version == 1
    assert not glasstorch.bernoulli(x * 0.5).requires_grad
    assert glasstorch.rand(3, requires_grad=True).is_leaf


@pytest.mark.gpu
def test_cuda_numbers_repeat():
    g = glasstorch.Generator(device="cuda").manual_seed(4)
    state = g.get_state()
    draws = [
        lambda: glasstorch.randn(1000, device="cuda", generator=g),
        lambda: glasstorch.rand(7, device="cuda", generator=g),
        lambda: glasstorch.randint(0, 50, (99,), device="cuda", generator=g),
        lambda: glasstorch.randperm(50, device="cuda", generator=g),
    ]
    first = [d().cpu() for d in draws]
    g.set_state(state)
    for a, b in zip(first, [d().cpu() for d in draws]):
        assert glasstorch.equal(a, b)
    big = glasstorch.randn(200_000, device="cuda", generator=g).cpu()
    assert abs(big.mean().item()) < 0.02
    assert abs(big.std().item() - 1) < 0.02
    assert sorted(first[3].tolist()) == list(range(50))


def test_every_way_of_drawing_in_the_table_is_equal_to_the_bit():
    path = Path(__file__).resolve().parents[2] / "bench" / "random_numbers.py"
    spec = importlib.util.spec_from_file_location("bench_random_numbers", path)
    table = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(table)
    found = {
        (name, kind): table.agreement(name, kind, [1, 15, 16, 17, 1000], [3])
        for name in table.DRAWS
        for kind in KINDS
    }
    assert set(found.values()) == {"bit"}, {k: v for k, v in found.items() if v != "bit"}
