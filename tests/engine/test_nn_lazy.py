"""Layers that find their input's size at the first call, and uninitialized parameters, against PyTorch."""

import copy
import pickle

import glasstorch
import numpy as np
import pytest
from support.differential import raises_alike, torch
from support.modules import equal_states, same_run

RNG = np.random.default_rng(0)
CASES = [
    ("LazyLinear", (3,), (2, 4)),
    ("LazyConv1d", (4, 3), (2, 3, 8)),
    ("LazyConv2d", (4, (3, 2)), (2, 2, 5, 5)),
    ("LazyConv3d", (4, 2), (1, 2, 3, 3, 3)),
    ("LazyConvTranspose1d", (4, 3), (2, 3, 5)),
    ("LazyConvTranspose2d", (4, 3), (2, 4, 3, 3)),
    ("LazyConvTranspose3d", (4, 2), (1, 2, 2, 2, 2)),
    ("LazyBatchNorm1d", (), (3, 4)),
    ("LazyBatchNorm2d", (), (2, 3, 2, 2)),
    ("LazyBatchNorm3d", (), (2, 3, 2, 2, 2)),
    ("LazyInstanceNorm1d", (), (2, 3, 4)),
    ("LazyInstanceNorm2d", (), (2, 3, 2, 3)),
    ("LazyInstanceNorm3d", (), (2, 3, 2, 2, 2)),
]


def _same_shown(ours, theirs):
    assert repr(ours) == repr(theirs)
    mine, real = ([(k, repr(v)) for k, v in m.state_dict().items()] for m in (ours, theirs))
    assert mine == real


@pytest.mark.parametrize(("name", "args", "shape"), CASES)
@pytest.mark.parametrize("bias", [True, False])
def test_first_call(name, args, shape, bias):
    made = [getattr(E.nn, name)(*args, bias=bias) for E in (glasstorch, torch)]
    _same_shown(*made)
    assert all(m.has_uninitialized_params() for m in made)
    copies = [
        pickle.loads(pickle.dumps(copy.deepcopy(made[0]))),
        getattr(glasstorch.nn, name)(*args, bias=bias),
    ]
    x = RNG.normal(size=shape)
    for E, m in zip((glasstorch, torch), made, strict=True):
        E.manual_seed(1)
        m(E.tensor(x, dtype=E.float32))
        assert type(m).__name__ == name.removeprefix("Lazy")
        assert not m._forward_pre_hooks
        assert not hasattr(m, "_initialize_hook")
    equal_states(*made)
    assert repr(made[0]) == repr(made[1])
    same_run([m.double() for m in made], lambda E, m, x: m(x), x)
    for again in copies:  # a lazy layer takes its shapes from a state_dict too
        again.load_state_dict(made[0].state_dict())
        assert not again.has_uninitialized_params()
        assert all(
            tuple(v.shape) == tuple(made[1].state_dict()[k].shape) for k, v in again.state_dict().items()
        )


def test_loaded_linear_finds_its_length_at_the_call():
    for E in (torch, glasstorch):
        m = E.nn.LazyLinear(3)
        m.load_state_dict(E.nn.Linear(4, 3).state_dict())
        assert m.in_features == 0
        m(E.ones(2, 4))
        assert m.in_features == 4
        wrong = E.nn.LazyLinear(3)
        wrong.load_state_dict(E.nn.Linear(4, 3).state_dict())
        with pytest.raises(AssertionError, match="inferred from input: 5 is not equal"):
            wrong(E.ones(2, 5))


def test_types_and_sequences():
    for E in (torch, glasstorch):
        m = E.nn.Sequential(E.nn.LazyLinear(3), E.nn.ReLU(), E.nn.LazyLinear(2)).to(E.float64)
        assert m[0].weight.dtype is E.float64
        m(E.ones(1, 4, dtype=E.float64)).sum().backward()
        assert m[2].weight.dtype is E.float64
        assert tuple(m[2].weight.grad.shape) == (2, 3)
        assert [n for n, _ in m.named_parameters()] == ["0.weight", "0.bias", "2.weight", "2.bias"]
        assert E.nn.LazyBatchNorm1d().double().running_mean.dtype is E.float64
        plain = E.nn.LazyBatchNorm2d(affine=False, track_running_stats=False)
        assert tuple(plain(E.ones(1, 2, 3, 3)).shape) == (1, 2, 3, 3)
    # weights drawn inside a model come in PyTorch's order
    modules = []
    for E in (glasstorch, torch):
        E.manual_seed(4)
        m = E.nn.Sequential(E.nn.LazyConv2d(2, 2), E.nn.Flatten(), E.nn.LazyLinear(3))
        m(E.ones(1, 3, 4, 4))
        modules.append(m)
    equal_states(*modules)


def test_uninitialized_tensors():
    for E in (torch, glasstorch):
        p = E.nn.UninitializedParameter(requires_grad=False, dtype=E.float64)
        assert isinstance(p, E.nn.Parameter)
        assert p.dtype is E.float64
        assert not p.requires_grad
        assert p.device.type == "cpu"
        p.materialize((2, 3))
        assert type(p) is E.nn.Parameter
        assert tuple(p.shape) == (2, 3)
        assert p.dtype is E.float64
        b = E.nn.UninitializedBuffer(persistent=False)
        assert isinstance(b, E.nn.Buffer)
        b.materialize((2,), dtype=E.float16)
        assert type(b) is E.Tensor
        assert b.dtype is E.float16
        assert E.nn.parameter.is_lazy(E.nn.UninitializedBuffer())
        assert not E.nn.parameter.is_lazy(b)


def test_errors():
    cases = [
        (
            lambda E: E.nn.UninitializedParameter().shape,
            "Can't access the shape of an uninitialized parameter",
        ),
        (lambda E: E.nn.UninitializedParameter() + 1, "Attempted to use an uninitialized parameter in"),
        (
            lambda E: E.relu(E.nn.UninitializedParameter()),
            "When using LazyModules Call `forward` with a dummy batch",
        ),
        (lambda E: E.nn.LazyLinear(3).weight.numel(), "torch.nn.parameter.UninitializedParameter"),
        (lambda E: E.nn.LazyLinear(3).share_memory(), "Can't share memory on an uninitialized parameter"),
        (
            lambda E: E.nn.Linear(2, 3).load_state_dict(E.nn.LazyLinear(3).state_dict()),
            "Can't access the shape",
        ),
        (
            lambda E: E.nn.LazyConv2d(4, 3)(E.ones(3, 3)),
            "Expected 3D (unbatched) or 4D (batched) input to LazyConv2d",
        ),
        (
            lambda E: E.nn.LazyConv2d(4, 3, groups=2)(E.ones(1, 3, 5, 5)),
            "in_channels must be divisible by groups",
        ),
    ]
    for fn, words in cases:
        raises_alike(fn, words)
    assert (
        not glasstorch.nn.LazyLinear(3).load_state_dict(glasstorch.nn.LazyLinear(3).state_dict()).missing_keys
    )


def test_own_lazy_classes():
    def make(E, method=None):
        class Scale(E.nn.modules.lazy.LazyModuleMixin, E.nn.Module):
            def __init__(self):
                super().__init__()
                self.w = E.nn.UninitializedParameter()

            def forward(self, x):
                return x * self.w

        if method is not None:
            Scale.initialize_parameters = method
        return Scale()

    def fill(self, x):
        self.w.materialize(x.shape)
        self.w.data.fill_(2.0)

    raises_alike(lambda E: make(E)(E.ones(2)), "initialize_parameters is not implemented for Scale")
    raises_alike(
        lambda E: make(E, lambda self, x: None)(E.ones(2)), "module Scale has not been fully initialized"
    )
    modules = [make(E, fill) for E in (glasstorch, torch)]
    for E, m in zip((glasstorch, torch), modules, strict=True):
        assert m(E.ones(3)).tolist() == [2.0] * 3
        assert m(E.ones(3)).requires_grad
