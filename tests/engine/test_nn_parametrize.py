"""Parametrizations: own ones, orthogonal, weight and spectral normalization, against PyTorch."""

import copy
import pickle

import glasstorch
import numpy as np
import pytest
from support.differential import equal, raises_alike, torch
from support.modules import equal_states, pair, same_run

RNG = np.random.default_rng(0)
ENGINES = (glasstorch, torch)


def _classes(E):
    class Symmetric(E.nn.Module):
        def forward(self, x):
            return x.triu() + x.triu(1).transpose(-1, -2)

        def right_inverse(self, a):
            return a.triu()

    class Twice(E.nn.Module):
        def forward(self, x):
            return x * 2

    class Sum(E.nn.Module):
        def forward(self, a, b):
            return a + b

        def right_inverse(self, x):
            return x * 0.25, x * 0.75

    return Symmetric, Twice, Sum


def _made(E):
    symmetric, twice, total = _classes(E)
    m = E.nn.Linear(3, 3)
    register = E.nn.utils.parametrize.register_parametrization
    register(register(register(m, "weight", symmetric()), "weight", twice()), "bias", total())
    return m


def test_what_is_trained_and_shown():
    modules = pair(_made)
    same_run(modules, lambda E, m, x: (m(x), m.weight, m.bias), RNG.normal(size=(2, 3)))
    for E, m in zip(ENGINES, modules, strict=True):
        p = E.nn.utils.parametrize
        assert [n for n, _ in m.named_parameters()] == [
            "parametrizations.weight.original",
            "parametrizations.bias.original0",
            "parametrizations.bias.original1",
        ]
        assert type(m).__name__ == "ParametrizedLinear"
        assert p.type_before_parametrizations(m) is E.nn.Linear
        assert isinstance(m, E.nn.Linear)
        assert p.is_parametrized(m)
        assert p.is_parametrized(m, "bias")
        assert not p.is_parametrized(m, "other")
        assert "weight" in dir(m)


def test_assignment_copies_and_loading():
    modules = pair(_made)
    for E, m in zip(ENGINES, modules, strict=True):
        with pytest.raises(RuntimeError, match="parametrization Twice does not implement right_inverse"):
            m.weight = E.eye(3)
        m.bias = E.arange(3.0, dtype=E.float64)
        assert m.bias.tolist() == [0, 1, 2]
        other = copy.deepcopy(m)
        other.bias = E.ones(3, dtype=E.float64)
        assert m.bias.tolist() == [0, 1, 2]
        assert other.load_state_dict(m.state_dict()).missing_keys == []
        assert other.bias.tolist() == [0, 1, 2]
        with pytest.raises(RuntimeError, match="only supported through state_dict"):
            pickle.dumps(m)
    equal_states(*modules)


def test_removal():
    modules = pair(_made)
    for E, m in zip(ENGINES, modules, strict=True):
        p = E.nn.utils.parametrize
        with pytest.raises(ValueError, match="in terms of a sequence of tensors"):
            p.remove_parametrizations(m, "bias", leave_parametrized=False)
        p.remove_parametrizations(m, "weight", leave_parametrized=False)
        assert p.is_parametrized(m)
        p.remove_parametrizations(m, "bias")
        assert type(m) is E.nn.Linear
        assert isinstance(m.bias, E.nn.Parameter)
        assert not hasattr(m, "parametrizations")
    equal_states(*modules)
    assert repr(modules[0]) == repr(modules[1])
    same_run(modules, lambda E, m, x: m(x), RNG.normal(size=(2, 3)))


def test_buffers_modes_and_types():
    for E in ENGINES:
        register = E.nn.utils.parametrize.register_parametrization
        m = register(E.nn.BatchNorm1d(2), "running_var", _classes(E)[1]())
        assert m.running_var.tolist() == [2, 2]
        assert "parametrizations.running_var.original" in dict(m.named_buffers())
        m = register(E.nn.Linear(2, 2).eval(), "weight", E.nn.Dropout(0.5))
        assert not m.parametrizations.weight[0].training
        assert m.train().parametrizations.weight[0].training
        assert m.double().weight.dtype is E.float64


def test_cached():
    for E in ENGINES:
        calls = []

        class Count(E.nn.Module):
            def forward(self, x, calls=calls):
                calls.append(1)
                return x * 1

        p = E.nn.utils.parametrize
        m = p.register_parametrization(E.nn.Linear(2, 2), "weight", Count())
        calls.clear()
        m(E.ones(1, 2))
        m(E.ones(1, 2))
        assert len(calls) == 2
        with p.cached():
            m(E.ones(1, 2))
            m(E.ones(1, 2))
            assert m.weight is m.weight
        assert len(calls) == 3
        assert m.weight is not m.weight


def test_transfer():
    modules = []
    for E in ENGINES:
        E.manual_seed(0)
        source, target = _made(E), E.nn.Linear(3, 3)
        E.nn.utils.parametrize.transfer_parametrizations_and_params(source, target)
        assert target.parametrizations.weight.original is source.parametrizations.weight.original
        modules.append(target)
    equal_states(*modules)
    assert repr(modules[0]) == repr(modules[1])


def test_refused_parametrizations():
    def own(forward, inverse=None):
        def make(E):
            body = {"forward": lambda self, x: forward(x)}
            if inverse is not None:
                body["right_inverse"] = lambda self, x: inverse(x)
            return type("Own", (E.nn.Module,), body)()

        return make

    def register(E, *parametrizations, name="weight"):
        m = E.nn.Linear(3, 3)
        for make in parametrizations:
            E.nn.utils.parametrize.register_parametrization(m, name, make(E))
        return m

    twice = own(lambda x: x * 2)
    cases = [
        (own(lambda x: x.double()), "may not change the dtype of the tensor"),
        (own(lambda x: x[0]), "may not change the shape of the tensor"),
        (own(lambda x: 3), "A parametrization must return a tensor. Got int."),
        (own(lambda x: x, lambda x: 3), "Got"),
        (own(lambda x: x, lambda x: x.double()), "dtype: torch.float64"),
        (own(lambda x: x, lambda x: x[0]), "shape"),
    ]
    for make, words in cases:
        raises_alike(lambda E, make=make: register(E, make), words)
        raises_alike(lambda E, make=make: register(E, twice, make), words)
    raises_alike(
        lambda E: register(E, twice, name="other"), "does not have a parameter, a buffer, or a parametrized"
    )
    raises_alike(
        lambda E: E.nn.utils.parametrize.remove_parametrizations(E.nn.Linear(2, 2), "weight"),
        "does not have a parametrization on weight",
    )
    raises_alike(
        lambda E: E.nn.utils.parametrize.ParametrizationList([], E.ones(2)), "requires one or more modules"
    )
    for E in ENGINES:
        unsafe = E.nn.utils.parametrize.register_parametrization(
            E.nn.Linear(3, 3), "weight", own(lambda x: x[:2])(E), unsafe=True
        )
        assert tuple(unsafe.weight.shape) == (2, 3)


# ---------------------------------------------------------------------- ready-made ones
@pytest.mark.parametrize(("n", "k"), [(3, 3), (4, 2), (2, 4)])
@pytest.mark.parametrize("orthogonal_map", [None, "matrix_exp", "cayley", "householder"])
@pytest.mark.parametrize("use_trivialization", [True, False])
def test_orthogonal(n, k, orthogonal_map, use_trivialization):
    modules = []
    for E in ENGINES:
        E.manual_seed(2)
        m = E.nn.Linear(n, k, dtype=E.float64)
        E.nn.utils.parametrizations.orthogonal(
            m, orthogonal_map=orthogonal_map, use_trivialization=use_trivialization
        )
        w = m.weight.detach()
        gram = w @ w.T if k <= n else w.T @ w
        assert E.allclose(gram, E.eye(min(n, k), dtype=E.float64), atol=1e-9)
        modules.append(m)
    equal_states(*modules)
    same_run(modules, lambda E, m, x: m(x), RNG.normal(size=(2, n)))
    if not use_trivialization and orthogonal_map != "householder" and (orthogonal_map or n == k):
        for E, m in zip(ENGINES, modules, strict=True):
            with pytest.raises(NotImplementedError, match="not possible to assign to the matrix exponential"):
                m.weight = E.eye(k, n, dtype=E.float64)
    elif n == k:
        for E, m in zip(ENGINES, modules, strict=True):
            m.weight = E.eye(n, dtype=E.float64)
        equal(modules[0].weight, modules[1].weight, "assigned")


def test_orthogonal_complex_and_batches():
    for E in ENGINES:
        for shape, dtype in (((3, 3), E.complex128), ((2, 4, 3), E.float64)):
            m = E.nn.Module()
            m.w = E.nn.Parameter(E.randn(*shape, dtype=dtype))
            E.nn.utils.parametrizations.orthogonal(m, "w")
            assert tuple(m.w.shape) == shape
            assert E.allclose(m.w.mH @ m.w, E.eye(3, dtype=dtype), atol=1e-9)
    p = "parametrizations"
    raises_alike(
        lambda E: getattr(E.nn.utils, p).orthogonal(E.nn.Linear(2, 2), "bias"), "Expected a matrix or batch"
    )
    raises_alike(
        lambda E: getattr(E.nn.utils, p).orthogonal(E.nn.Linear(2, 2), "x"), "has no parameter or buffer"
    )
    raises_alike(
        lambda E: E.nn.utils.parametrizations.orthogonal(E.nn.Linear(2, 2), orthogonal_map="x"),
        'has to be one of "matrix_exp", "cayley", "householder". Got: x',
    )


LAYERS = [
    (lambda E: E.nn.Linear(3, 2), (2, 3)),
    (lambda E: E.nn.Conv2d(2, 3, 2), (1, 2, 4, 3)),
    (lambda E: E.nn.ConvTranspose1d(2, 3, 2), (2, 2, 4)),
]


@pytest.mark.parametrize(("make", "shape"), LAYERS)
@pytest.mark.parametrize("dim", [0, 1, None])
def test_weight_and_spectral_norm(make, shape, dim):
    x = RNG.normal(size=shape)
    modules = pair(lambda E: E.nn.utils.parametrizations.weight_norm(make(E).double(), dim=dim))
    same_run(modules, lambda E, m, x: m(x), x)
    modules = pair(
        lambda E: E.nn.utils.parametrizations.spectral_norm(make(E).double(), n_power_iterations=2, dim=dim)
    )
    same_run(modules, lambda E, m, x: m(x) + m(x), x)
    equal_states(*modules)
    for E, m in zip(ENGINES, modules, strict=True):
        m.eval()
        E.nn.utils.parametrize.remove_parametrizations(m, "weight")
    equal_states(*modules)


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated")
def test_normalization_details():
    for E in ENGINES:
        old = E.nn.utils.weight_norm(E.nn.Linear(3, 2))
        new = E.nn.utils.parametrizations.weight_norm(E.nn.Linear(3, 2))
        assert new.load_state_dict(old.state_dict()).missing_keys == []
        assert E.equal(new.weight, old.weight)
        vector = E.nn.utils.parametrizations.spectral_norm(E.nn.Linear(2, 4), "bias")
        assert abs(vector.bias.norm().item() - 1) < 1e-6
    spectral = "parametrizations"
    raises_alike(lambda E: getattr(E.nn.utils, spectral).spectral_norm(E.nn.Linear(2, 2), dim=3), "but got 3")
    raises_alike(
        lambda E: getattr(E.nn.utils, spectral).spectral_norm(E.nn.Linear(2, 2), "x"), "has no parameter"
    )
    raises_alike(
        lambda E: E.nn.utils.parametrizations.spectral_norm(E.nn.Linear(2, 2), n_power_iterations=0),
        "to be positive",
    )
