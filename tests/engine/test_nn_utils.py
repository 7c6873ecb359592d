"""nn.utils: clipping, vectors, normalization by hooks, fusion, pruning, stateless calls, against PyTorch."""

import copy
import importlib
import warnings

import glasstorch
import numpy as np
import pytest
from support.differential import compare, equal, raises_alike, torch
from support.modules import equal_states, pair, same_run

RNG = np.random.default_rng(0)
ENGINES = (glasstorch, torch)


def _with_gradients(E, *values):
    out = []
    for v in values:
        p = E.nn.Parameter(E.ones(2, dtype=E.float64))
        p.grad = None if v is None else E.tensor([v, 2 * v], dtype=E.float64)
        out.append(p)
    return out


def _both(fn):
    """``fn(E)`` on both engines gives equal tensors."""
    ours, theirs = (fn(E) for E in ENGINES)
    equal(ours, theirs, "result")


# ---------------------------------------------------------------------- clipping and vectors
@pytest.mark.parametrize("order", [2, 1, 3.5, 0, float("inf"), -float("inf"), "inf"])
def test_clip_norm(order):
    def run(E):
        ps = _with_gradients(E, 1.0, -3.0, None)
        total = E.nn.utils.clip_grad_norm_(ps, 2.0, order)
        return total, [p.grad for p in ps if p.grad is not None]

    _both(run)


def test_clip_other_forms():
    def run(E):
        u = E.nn.utils
        small, values, whole, one = (
            _with_gradients(E, *v) for v in ((0.1,), (1.0, -3.0), (5.0, 2.0), (float("inf"),))
        )
        out = [
            u.clip_grad_norm_(small, 1.0),
            u.clip_grad_norm_(iter(whole), 1.0),
            u.clip_grad_norm_(one[0], 1.0),
        ]
        u.clip_grad_value_(values, 1.5)
        out += [p.grad for p in (*small, *values, *whole)]
        u.clip_grads_with_norm_(whole, 1.0, E.tensor(10.0, dtype=E.float64))
        out += [u.get_total_norm([E.ones(2), E.ones(3)]), u.get_total_norm([]), u.clip_grad_norm_([], 1.0)]
        return [*out, whole[0].grad]

    _both(run)
    for E in ENGINES:
        with pytest.warns(UserWarning, match="empty generator"):
            E.nn.utils.clip_grad_norm_((p for p in []), 1.0)
        with pytest.warns(FutureWarning, match="deprecated in favor of `torch.nn.utils.clip_grad_norm_`"):
            E.nn.utils.clip_grad_norm(_with_gradients(E, 1.0), 1.0)
    raises_alike(
        lambda E: E.nn.utils.clip_grad_norm_(_with_gradients(E, float("nan")), 1.0, error_if_nonfinite=True),
        "The total norm of order 2.0 for gradients from `parameters` is non-finite, so it cannot be clipped.",
    )


def test_vectors():
    modules = pair(lambda E: E.nn.Linear(2, 3))
    same_run(modules, lambda E, m: E.nn.utils.parameters_to_vector(m.parameters()))
    for E, m in zip(ENGINES, modules, strict=True):
        E.nn.utils.vector_to_parameters(E.arange(9.0, dtype=E.float64), m.parameters())
    equal_states(*modules)
    raises_alike(lambda E: E.nn.utils.vector_to_parameters([1], E.nn.Linear(1, 1).parameters()), "got: list")
    raises_alike(lambda E: E.nn.utils.parameters_to_vector([]), "expected a non-empty list of Tensors")
    assert [p.requires_grad for p in modules[0].parameters()] == [True, True]


# ---------------------------------------------------------------------- normalization by hooks
LAYERS = [
    (lambda E: E.nn.Linear(3, 2), (2, 3)),
    (lambda E: E.nn.Conv2d(2, 3, 2), (1, 2, 4, 3)),
    (lambda E: E.nn.ConvTranspose1d(2, 3, 2), (2, 2, 4)),
]


@pytest.mark.parametrize(("make", "shape"), LAYERS)
@pytest.mark.parametrize("dim", [0, 1, None, -1])
@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated")
def test_weight_norm(make, shape, dim):
    x = RNG.normal(size=shape)
    modules = tuple(E.nn.utils.weight_norm(m, dim=dim) for E, m in zip(ENGINES, pair(make), strict=True))
    equal_states(*modules)
    same_run(modules, lambda E, m, x: m(x), x)
    for E, m in zip(ENGINES, modules, strict=True):
        E.nn.utils.remove_weight_norm(m)
        assert list(dict(m.named_parameters())) == ["bias", "weight"]
    equal_states(*modules)


@pytest.mark.parametrize(("make", "shape"), LAYERS)
@pytest.mark.parametrize("dim", [None, 1])
def test_spectral_norm(make, shape, dim):
    x = RNG.normal(size=shape)

    def normed(E):
        return E.nn.utils.spectral_norm(make(E).double(), n_power_iterations=2, dim=dim)

    modules = pair(normed)
    same_run(modules, lambda E, m, x: m(x) + m(x), x)  # the vectors move on between the calls
    equal_states(*modules)
    for m in modules:
        m.eval()
    same_run(modules, lambda E, m, x: m(x), x)
    metadata = [dict(m.state_dict()._metadata) for m in modules]
    assert metadata[0] == metadata[1]
    again = normed(glasstorch)
    again.load_state_dict(modules[0].state_dict())
    equal_states(again, modules[1])
    for E, m in zip(ENGINES, modules, strict=True):
        E.nn.utils.remove_spectral_norm(m)
        assert not m._forward_pre_hooks
        assert not m._state_dict_hooks
    equal_states(*modules)


def test_spectral_norm_reads_files_from_before_version_1():
    states = []
    for E in ENGINES:
        E.manual_seed(0)
        m = E.nn.utils.spectral_norm(E.nn.Linear(3, 2).double())
        m(E.ones(1, 3, dtype=E.float64))
        old = m.state_dict()
        del old["weight_v"], old._metadata[""]["spectral_norm"]
        old["weight"] = m.weight.detach()
        E.nn.utils.spectral_norm(E.nn.Linear(3, 2).double()).load_state_dict(old)
        fresh = E.nn.utils.spectral_norm(E.nn.Linear(3, 2).double())
        fresh.load_state_dict(old)
        states.append(fresh)
    equal_states(*states)


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated")
def test_normalization_errors():
    def twice(name):
        return lambda E: getattr(E.nn.utils, name)(getattr(E.nn.utils, name)(E.nn.Linear(2, 2)))

    raises_alike(twice("weight_norm"), "Cannot register two weight_norm hooks on the same parameter weight")
    raises_alike(twice("spectral_norm"), "Cannot register two spectral_norm hooks")
    raises_alike(
        lambda E: E.nn.utils.remove_weight_norm(E.nn.Linear(2, 2)), "weight_norm of 'weight' not found in"
    )
    raises_alike(
        lambda E: E.nn.utils.remove_spectral_norm(E.nn.Linear(2, 2)), "spectral_norm of 'weight' not found"
    )
    raises_alike(lambda E: E.nn.utils.weight_norm(E.nn.LazyLinear(2)), "can't have uninitialized parameters")
    raises_alike(
        lambda E: E.nn.utils.spectral_norm(E.nn.LazyLinear(2)), "can't have uninitialized parameters"
    )
    raises_alike(
        lambda E: E.nn.utils.spectral_norm(E.nn.Linear(2, 2), n_power_iterations=0), "to be positive"
    )
    raises_alike(
        lambda E: E.nn.utils.spectral_norm(E.nn.Linear(2, 2, bias=False), "bias"), "parameter `bias` is None"
    )
    compare(lambda E, v: [E.norm_except_dim(v, 2, d) for d in (0, 1, 2, -1)], RNG.normal(size=(2, 3, 4)))


# ---------------------------------------------------------------------- fusion, skipped values, stateless calls
@pytest.mark.parametrize(
    ("layer", "norm", "shape", "name", "kwargs"),
    [
        (lambda E: E.nn.Conv2d(2, 3, 2, bias=False), "BatchNorm2d", (2, 2, 4, 4), "fuse_conv_bn_eval", {}),
        (
            lambda E: E.nn.ConvTranspose2d(2, 3, 2),
            "BatchNorm2d",
            (2, 2, 4, 4),
            "fuse_conv_bn_eval",
            {"transpose": True},
        ),
        (lambda E: E.nn.Linear(4, 3), "BatchNorm1d", (5, 4), "fuse_linear_bn_eval", {}),
    ],
)
def test_fusion(layer, norm, shape, name, kwargs):
    x = RNG.normal(size=shape)
    fused = []
    for E in ENGINES:
        E.manual_seed(0)
        a, b = layer(E).double(), getattr(E.nn, norm)(3).double()
        b(a(E.tensor(x)))
        one = getattr(E.nn.utils, name)(a.eval(), b.eval(), **kwargs)
        assert E.allclose(one(E.tensor(x)), b(a(E.tensor(x))))
        fused.append(one)
    equal_states(*fused)
    assert [p.requires_grad for p in fused[0].parameters()] == [
        p.requires_grad for p in fused[1].parameters()
    ]
    raises_alike(
        lambda E: getattr(E.nn.utils, name)(layer(E), getattr(E.nn, norm)(3)), "Fusion only for eval!"
    )


def test_skip_init_uses_up_no_random_numbers():
    for E in ENGINES:
        E.manual_seed(0)
        first = E.rand(3)
        E.manual_seed(0)
        m = E.nn.utils.skip_init(E.nn.Linear, 2, 3)
        assert E.equal(E.rand(3), first)
        assert tuple(m.weight.shape) == (3, 2)
        assert m.weight.requires_grad
    raises_alike(lambda E: E.nn.utils.skip_init(int, 2), "Expected a Module; got <class 'int'>")
    raises_alike(lambda E: E.nn.utils.skip_init(E.nn.Sequential), "must support a 'device' arg")


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.stateless.functional_call` is deprecated")
def test_stateless_calls():
    def tied(E):
        m = E.nn.Module()
        m.a = m.b = E.nn.Parameter(E.ones(1))
        m.forward = lambda x: m.a * 2 + m.b * 3 + x
        return m

    def run(E):
        call = E.nn.utils.stateless.functional_call
        m, w = E.nn.Linear(2, 1), E.ones(1, 2, requires_grad=True)
        y = call(m, {"weight": w, "bias": E.zeros(1)}, E.ones(1, 2))
        y.sum().backward()
        assert m.weight.grad is None
        assert isinstance(m.weight, E.nn.Parameter)
        new = E.tensor([2.0])
        out = [
            y,
            w.grad,
            call(tied(E), {"a": new}, E.zeros(1)),
            call(tied(E), {"a": new}, E.zeros(1), tie_weights=False),
        ]
        norm, state = E.nn.BatchNorm1d(2), {"running_mean": E.zeros(2), "num_batches_tracked": E.tensor(5)}
        call(norm, state, kwargs={"input": E.tensor([[1.0, 2.0], [3.0, 4.0]])})
        return [
            *out,
            state["running_mean"],
            state["num_batches_tracked"],
            norm.running_mean,
            norm.num_batches_tracked,
        ]

    _both(run)

    def strict(E, given):
        tensors = {k: E.ones(1, 2) if k == "weight" else E.ones(1) for k in given}
        return E.nn.utils.stateless.functional_call(E.nn.Linear(2, 1), tensors, E.ones(1, 2), strict=True)

    raises_alike(
        lambda E: strict(E, ["weight"]), "Error(s) in reparametrizing for Linear:\n\tMissing key(s): 'bias'."
    )
    raises_alike(lambda E: strict(E, ["weight", "bias", "z"]), "Unexpected key(s): 'z'.")
    raises_alike(
        lambda E: E.nn.utils.stateless.functional_call(tied(E), {"a": E.ones(1), "b": E.zeros(1)}, E.ones(1)),
        "multiple values for keys ['a', 'b'], which are tied",
    )


# ---------------------------------------------------------------------- pruning
def _prune(E):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module("torch.nn.utils.prune")  # PyTorch does not do it by itself
    return E.nn.utils.prune


PRUNINGS = [
    lambda p, m, E: p.identity(m, "weight"),
    lambda p, m, E: p.random_unstructured(m, "weight", 0.5),
    lambda p, m, E: p.l1_unstructured(m, "weight", 3),
    lambda p, m, E: p.l1_unstructured(m, "weight", 4, importance_scores=E.arange(12.0).reshape(3, 4)),
    lambda p, m, E: p.random_structured(m, "weight", 0.34, 0),
    lambda p, m, E: p.random_structured(m, "weight", 2, -1),
    lambda p, m, E: p.ln_structured(m, "weight", 1, 2, 1),
    lambda p, m, E: p.ln_structured(m, "weight", 0.4, float("inf"), 0),
    lambda p, m, E: p.custom_from_mask(m, "weight", E.eye(3, 4)),
]


@pytest.mark.parametrize("way", range(len(PRUNINGS)))
@pytest.mark.parametrize("after", [None, 2])
def test_pruning(way, after):
    def pruned(E):
        m = E.nn.Linear(4, 3)
        if after is not None:
            _prune(E).l1_unstructured(m, "weight", after)
        return PRUNINGS[way](_prune(E), m, E)

    modules = pair(pruned, double=False)
    assert [_prune(E).is_pruned(m) for E, m in zip(ENGINES, modules, strict=True)] == [True, True]
    assert [len(m._forward_pre_hooks) for m in modules] == [1, 1]
    same_run(modules, lambda E, m: m(E.ones(2, 4)))
    for E, m in zip(ENGINES, modules, strict=True):
        _prune(E).remove(m, "weight")
    equal_states(*modules)


def test_global_pruning():
    def pruned(E):
        m = E.nn.Sequential(E.nn.Linear(4, 3), E.nn.Linear(3, 2))
        p = _prune(E)
        p.global_unstructured(
            [(m[0], "weight"), (m[1], "weight"), (m[0], "bias")], p.L1Unstructured, amount=0.5
        )
        p.global_unstructured([(m[0], "weight"), (m[1], "weight")], p.RandomUnstructured, amount=3)
        return m

    pair(pruned, double=False)
    compare(lambda E, t: _prune(E).L1Unstructured(amount=2).prune(t), RNG.normal(size=5))


def test_pruning_errors():
    def layer(fn):
        return lambda E: fn(_prune(E), copy.deepcopy(E.nn.Linear(4, 3)), E)

    cases = [
        (
            lambda p, m, E: p.l1_unstructured(m, "weight", "x"),
            "Invalid type for amount: x. Must be int or float.",
        ),
        (lambda p, m, E: p.l1_unstructured(m, "weight", 1.5), "should either be a float in the range [0, 1]"),
        (
            lambda p, m, E: p.l1_unstructured(m, "weight", 100),
            "should be smaller than the number of parameters to prune",
        ),
        (
            lambda p, m, E: p.ln_structured(m, "bias", 1, 2, 0),
            "can only be applied to multidimensional tensors",
        ),
        (lambda p, m, E: p.ln_structured(m, "weight", 1, 2, 2), "Invalid index 2 for tensor of size"),
        (lambda p, m, E: p.remove(m, "weight"), "has to be pruned before pruning can be removed"),
        (lambda p, m, E: p.custom_from_mask(m, "weight", E.ones(2)), "must match self.mask shape"),
        (
            lambda p, m, E: p.global_unstructured(3, p.L1Unstructured, amount=1),
            "parameters is not an Iterable",
        ),
        (
            lambda p, m, E: p.global_unstructured([(m, "weight")], p.LnStructured, amount=1, n=2),
            'Only "unstructured"',
        ),
    ]
    for fn, words in cases:
        raises_alike(layer(fn), words)
    for E in ENGINES:  # a failed pruning leaves the module as it was
        m = E.nn.Linear(4, 3)
        with pytest.raises(ValueError, match="should be smaller"):
            _prune(E).l1_unstructured(m, "weight", 100)
        assert list(m.state_dict()) == ["bias", "weight"]
        assert not m._forward_pre_hooks
