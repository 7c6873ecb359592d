"""Programs: traced and compiled code gives what the code itself gives, to the bit, and says where it cannot."""

from __future__ import annotations

import copy

import glasstorch as torch
import numpy as np
import pytest
from glasstorch import nn
from glasstorch.nn import functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.cpu


class TwoWays(nn.Module):
    """A dict with a tuple in it goes in and comes out; one tensor is used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, given: dict) -> dict:
        self.calls += 1
        x, y = given["pair"]
        shared = self.linear(x)
        return {"sum": shared + y, "parts": (shared * y, "a word")}


MODELS = {
    "mlp": (lambda: nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 3)), (5, 4)),
    "batch norm and dropout": (
        lambda: nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3)), (5, 4)),
    "cnn": (lambda: nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                                  nn.Linear(36, 3)), (5, 1, 8, 8)),
    "lstm": (lambda: nn.LSTM(4, 6, 2, batch_first=True, dropout=0.3), (3, 5, 4)),
    "gru": (lambda: nn.GRU(4, 6, bidirectional=True), (3, 5, 4)),
    "transformer": (lambda: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (3, 5, 8)),
    "in place": (lambda: nn.Sequential(nn.Linear(4, 4), nn.ReLU(inplace=True), nn.Linear(4, 4)), (3, 4)),
}  # fmt: skip


def first(result):
    return result[0] if isinstance(result, tuple) else result


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", MODELS)
def test_a_traced_module_is_the_module_to_the_bit(name: str, training: bool, dtype: torch.dtype) -> None:
    make, shape = MODELS[name]
    torch.manual_seed(0)
    model = make().to(dtype).train(training)
    own = copy.deepcopy(model)
    traced = torch.jit.trace(model, torch.randn(shape, dtype=dtype))
    own(torch.randn(shape, dtype=dtype)) if training else None  # statistics as after the traced call
    own.load_state_dict(model.state_dict())
    for seed in range(3):
        torch.manual_seed(seed)
        x = torch.randn(shape, dtype=dtype, requires_grad=True)
        y = x.detach().clone().requires_grad_()
        for m in (model, own):
            m.zero_grad()
        state = torch.get_rng_state()
        mine = first(traced(x))
        torch.set_rng_state(state)
        theirs = first(own(y))
        assert torch.equal(mine, theirs)
        if seed:  # the first of its kind was watched
            assert mine.grad_fn.name() == "TracedBackward"
        mine.square().sum().backward()
        theirs.square().sum().backward()
        assert torch.equal(x.grad, y.grad)
        for (key, p), q in zip(model.named_parameters(), own.parameters(), strict=True):
            assert torch.equal(p.grad, q.grad), key
        for (key, p), q in zip(model.named_buffers(), own.buffers(), strict=True):
            assert torch.equal(p, q), key
    assert len(traced._programs.runners) == 2  # the example did not require grad


def test_trees_go_in_and_out() -> None:
    model = TwoWays()
    x, y = torch.randn(2, 4), torch.randn(2, 4)
    traced = torch.jit.trace(model, ({"pair": (x, y)},))
    result = traced({"pair": (x + 1, y)})
    assert list(result) == ["sum", "parts"]
    assert result["parts"][1] == "a word"
    assert torch.equal(result["sum"], model.linear(x + 1) + y)
    assert model.calls.item() == 2
    (result["sum"].sum() + result["parts"][0].sum()).backward()
    assert torch.allclose(model.linear.bias.grad, (1 + y).sum(0))


OPS = {
    "add": lambda x, y: x + y,
    "mul": lambda x, y: x * y,
    "sub": lambda x, y: 2 - x,
    "div": lambda x, y: x / (y * y + 1),
    "exp": lambda x, y: torch.exp(-x * x),
    "where": lambda x, y: torch.where(x > 0, x, y),
    "matmul": lambda x, y: x @ y.T @ x,
    "softmax": lambda x, y: F.softmax(x, -1),
    "mean": lambda x, y: x - x.mean(0, keepdim=True),
    "slice": lambda x, y: torch.cat([x[:, 1:], y[:, :1]], 1),
    "index": lambda x, y: x[torch.tensor([2, 0, 1])],
    "transpose": lambda x, y: x.T.contiguous().T,
    "clamp": lambda x, y: x.clamp(-0.5, 0.5),
    "in place": lambda x, y: x.clone().mul_(2).add_(y),
    "write": lambda x, y: F.pad(x, (1, 0))[:, :4] + torch.zeros(3, 4).fill_(0.5),
    "draw": lambda x, y: x + torch.rand(3, 4, dtype=x.dtype),
    "integers": lambda x, y: x * (x > y).sum().to(x.dtype),
}


@settings(max_examples=60, deadline=None)
@given(names=st.lists(st.sampled_from(sorted(OPS)), min_size=1, max_size=12), seed=st.integers(0, 999))
def test_any_chain_of_operations_is_replayed_to_the_bit(names: list[str], seed: int) -> None:
    def chain(x, y):
        for name in names:
            x, y = OPS[name](x, y), x
        return x, y

    torch.manual_seed(seed)
    x, y = (torch.randn(3, 4, dtype=torch.float64, requires_grad=True) for _ in range(2))
    traced = torch.jit.trace(chain, (x, y))
    a, b = (torch.randn(3, 4, dtype=torch.float64, requires_grad=True) for _ in range(2))
    state = torch.get_rng_state()
    kept = [t.detach().clone() for t in traced(a, b)]
    traced(x, y)  # buffers are used again, and results of before stay
    torch.set_rng_state(state)
    mine = traced(a, b)
    torch.set_rng_state(state)
    theirs = chain(a, b)
    for got, expected, before in zip(mine, theirs, kept, strict=True):
        assert np.array_equal(got.detach().numpy(), expected.detach().numpy(), equal_nan=True)
        assert np.array_equal(before.numpy(), expected.detach().numpy(), equal_nan=True)
    if theirs[0].requires_grad:
        wanted = torch.autograd.grad(theirs[0].sum() + theirs[1].sum(), (a, b), allow_unused=True)
        got = torch.autograd.grad(mine[0].sum() + mine[1].sum(), (a, b), allow_unused=True)
        for g, w in zip(got, wanted, strict=True):
            assert (g is None) == (w is None)
            if w is not None:
                # an input that is given back as it is gets its shares in another order
                np.testing.assert_allclose(g.numpy(), w.numpy(), rtol=1e-12, atol=1e-12)


def test_a_tensor_from_outside_is_written_at_every_run() -> None:
    total = torch.zeros(3)
    traced = torch.jit.trace(lambda x: total.add_(x) * 2, torch.ones(3))
    assert traced(torch.full((3,), 2.0)).tolist() == [6, 6, 6]
    assert total.tolist() == [3, 3, 3]


def test_two_forwards_before_their_backwards_keep_their_own_values() -> None:
    traced = torch.jit.trace(lambda x: (x.sin() * x.exp()).tanh(), torch.ones(3, 3, requires_grad=True))
    a, b = torch.randn(3, 3, requires_grad=True), torch.randn(3, 3, requires_grad=True)
    one, two = traced(a), traced(b)
    two.sum().backward()
    one.sum().backward()
    for x in (a, b):
        y = x.detach().requires_grad_()
        (y.sin() * y.exp()).tanh().sum().backward()
        assert torch.equal(x.grad, y.grad)


def test_other_shapes_and_modes_get_programs_of_their_own() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5))
    traced = torch.jit.trace(model, torch.randn(3, 4))
    assert traced(torch.randn(7, 4)).shape == (7, 4)
    traced.eval()
    x = torch.randn(3, 4)
    assert torch.equal(traced(x), model[0](x))
    with torch.no_grad():
        assert traced(x).grad_fn is None
    assert len(traced._programs.runners) == 4


def test_weights_are_read_when_it_runs() -> None:
    model = nn.Linear(2, 2)
    traced = torch.jit.trace(model, torch.ones(1, 2))
    with torch.no_grad():
        model.weight.fill_(1.0)
        model.bias.fill_(0.5)
    assert traced(torch.ones(1, 2)).tolist() == [[2.5, 2.5]]
    assert list(traced.state_dict()) == ["weight", "bias"]


def test_what_a_trace_cannot_follow_is_said() -> None:
    with pytest.warns(torch.jit.TracerWarning, match="might not generalize"):
        torch.jit.trace(lambda x: x * 2 if x.sum() > 0 else x, torch.ones(3))
    with pytest.raises(torch.jit.Untraceable, match="no operation"):
        torch.jit.trace(lambda x: x.nonzero() + x.sum(), torch.ones(3))
    outside = torch.zeros(3)
    with pytest.raises(torch.jit.Untraceable, match="from outside was written into"):
        torch.jit.trace(lambda x: outside.fill_(1.0) + x, torch.ones(3))
    buffer = torch.zeros(3)
    with pytest.raises(torch.jit.Untraceable, match="no operation"):
        torch.jit.trace(lambda x: buffer.add_(x) + x.nonzero(), torch.ones(3))
    assert buffer.tolist() == [0, 0, 0], "what it had done is taken back"
    with (
        pytest.warns(torch.jit.TracerWarning, match="numpy"),
        pytest.raises(torch.jit.Untraceable, match="no operation"),
    ):
        torch.jit.trace(lambda x: x + torch.from_numpy(x.numpy() * 2), torch.ones(3))
    noisy = torch.jit.trace(lambda x: x**3 * torch.rand(3), torch.ones(3, requires_grad=True))
    x = torch.ones(3, requires_grad=True)
    cubes = noisy(x).sum()
    with pytest.raises(RuntimeError, match="no second derivative"):
        torch.autograd.grad(cubes, x, create_graph=True)


def test_a_parameter_changed_before_the_backward_is_noticed() -> None:
    model = nn.Linear(3, 3)
    traced = torch.jit.trace(model, torch.ones(2, 3, requires_grad=True))
    loss = traced(torch.ones(2, 3, requires_grad=True)).sum()
    with torch.no_grad():
        model.weight += 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_the_program_can_be_read() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    traced = torch.jit.trace(model, torch.ones(4, 2))
    assert "tanh(v3, out=buffers[0])  # 1" in traced.code
    assert "def backward(saved, gradients):" in traced.code
    assert traced.graph.splitlines()[0] == "v0: float32 [4, 2] = input 0"
    assert "# 2" in traced.graph


def test_compiled_training_is_training() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 2))
    own = copy.deepcopy(model)
    compiled = torch.compile(model, fullgraph=True)
    losses = []
    for m in (compiled, own):
        torch.manual_seed(1)
        optimizer = torch.optim.Adam(m.parameters(), lr=0.01)
        for _ in range(5):
            optimizer.zero_grad()
            loss = m(torch.randn(6, 4)).square().mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert losses[:5] == losses[5:]
    assert next(iter(compiled.state_dict())) == "_orig_mod.0.weight"
    assert compiled._orig_mod is model


def test_compiled_code_runs_eagerly_where_a_program_could_be_wrong() -> None:
    @torch.compile
    def branch(x):
        return x * 2 if x.sum() > 0 else x - 1

    assert branch(torch.ones(2)).tolist() == [2, 2]
    assert branch(-torch.ones(2)).tolist() == [-2, -2]
    assert "Python number" in branch.reasons[0]

    class Counts(nn.Module):
        def __init__(self):
            super().__init__()
            self.seen, self.factor = 0, 2.0

        def forward(self, x):
            self.seen += 1
            return x * self.factor

    model = Counts()
    compiled = torch.compile(model)
    for _ in range(3):
        compiled(torch.ones(2))
    assert model.seen == 3

    class Scales(Counts):
        def forward(self, x):
            return x * self.factor

    model = Scales()
    compiled = torch.compile(model)
    assert compiled(torch.ones(2)).tolist() == compiled(torch.ones(2)).tolist() == [2, 2]
    model.factor = 3.0
    assert compiled(torch.ones(2)).tolist() == [3, 3]

    seen = []
    layer = nn.Linear(2, 2)
    layer.register_forward_hook(lambda m, args, out: seen.append(out))
    compiled = torch.compile(layer)
    compiled(torch.ones(1, 2))
    compiled(torch.ones(1, 2))
    assert len(seen) == 2
    with pytest.raises(torch.jit.Untraceable, match="fullgraph"):
        torch.compile(layer, fullgraph=True)(torch.ones(1, 2))
    assert torch.compile(layer, disable=True) is layer


def test_script_gives_back_what_it_is_given() -> None:
    @torch.jit.script
    def f(x):
        return x + 1

    assert f(torch.zeros(())).item() == 1
    model = nn.Linear(2, 2)
    assert torch.jit.script(model) is model
    assert torch.jit.wait(torch.jit.fork(lambda x: x + 1, torch.ones(2))).tolist() == [2, 2]
    assert torch.jit.isinstance([1], list[int])
    assert not torch.jit.isinstance((), dict[str, int])
    traced = torch.jit.trace_module(model, {"forward": torch.ones(1, 2)})
    assert torch.equal(traced(torch.ones(1, 2)), model(torch.ones(1, 2)))
    with pytest.raises(RuntimeError, match="forward alone"):
        torch.jit.trace_module(model, {"other": torch.ones(1, 2)})
