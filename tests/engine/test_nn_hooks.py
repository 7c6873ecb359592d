"""Hooks of modules of every kind, converting layers, DataParallel and kin, against PyTorch."""

import copy
import pickle
import warnings
from collections import OrderedDict

import glasstorch
import numpy as np
import pytest
from support.differential import compare, equal, raises_alike, torch
from support.modules import equal_states

ENGINES = (glasstorch, torch)
RNG = np.random.default_rng(0)


def _told(fn):
    """``fn(E, log)`` on both engines: what it returns and logs, and the warnings (class and text), are the same."""
    found = []
    for E in ENGINES:
        log = []
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            E.manual_seed(0)
            result = fn(E, log)
        texts = [(w.category.__name__, str(w.message)) for w in caught]
        found.append((_plain(result), _plain(log), texts))
    assert found[0] == found[1]


def _plain(value):
    """Tensors as rounded lists, so that two engines' values compare equal."""
    if hasattr(value, "detach"):
        return np.round(value.detach().double().numpy(), 5).tolist()
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return value


def _input(E):
    return E.ones(1, 2, requires_grad=True)


# ---------------------------------------------------------------------- forward
def test_order_of_all_hooks():
    def run(E, log):
        m = E.nn.Sequential(E.nn.Linear(2, 3), E.nn.ReLU(), E.nn.Linear(3, 1))
        handles = [
            m[0].register_forward_pre_hook(lambda m, a: log.append(("before", len(a)))),
            m[0].register_forward_hook(lambda m, a, out: log.append(("after", out))),
            m[0].register_full_backward_pre_hook(lambda m, g: log.append(("gradient comes", g))),
            m[0].register_full_backward_hook(lambda m, gi, go: log.append(("gradient goes", gi, go))),
        ]
        x = _input(E)
        m(x).sum().backward()
        for h in handles:
            h.remove()
        m(x).sum().backward()
        return x.grad

    _told(run)


def test_hooks_that_change_things():
    def run(E, log):
        m = E.nn.Linear(2, 2)
        m.register_forward_pre_hook(lambda m, a, k: ((a[0] * 3,), {}), with_kwargs=True)
        m.register_forward_hook(lambda m, a, k, out: out + len(k), with_kwargs=True)
        m.register_forward_hook(lambda m, a, out: log.append("second"))
        m.register_forward_hook(lambda m, a, out: log.append("first"), prepend=True)
        m.register_full_backward_hook(lambda m, gi, go: (gi[0] * 10,))
        m.register_full_backward_pre_hook(lambda m, go: (go[0] * 2,))
        x = _input(E)
        y = m(x)
        y.sum().backward()
        return y, x.grad, m.weight.grad

    _told(run)
    raises_alike(
        lambda E: [
            m := E.nn.Linear(2, 2),
            m.register_forward_pre_hook(lambda *a: 3, with_kwargs=True),
            m(E.ones(1, 2)),
        ],
        "must return None or a tuple of (new_args, new_kwargs), but got 3",
    )


def test_always_called():
    def run(E, log):
        m = E.nn.Linear(2, 2)
        m.register_forward_hook(lambda *a: log.append("always"), always_call=True)
        m.register_forward_hook(lambda *a: log.append("after success"))
        m.register_forward_hook(lambda *a: 1 / 0, always_call=True)
        with pytest.raises(RuntimeError, match="cannot be multiplied"):
            m(E.ones(1, 5))

    _told(run)


def test_global_hooks():
    def run(E, log):
        mod = E.nn.modules.module
        handles = [
            mod.register_module_forward_pre_hook(lambda m, a: log.append(("before", type(m).__name__))),
            mod.register_module_forward_hook(lambda m, a, out: log.append(("after", type(m).__name__))),
            mod.register_module_full_backward_pre_hook(lambda m, g: log.append(("comes", type(m).__name__))),
            mod.register_module_full_backward_hook(lambda m, gi, go: log.append(("goes", type(m).__name__))),
            mod.register_module_module_registration_hook(lambda m, n, s: log.append(("module", n))),
            mod.register_module_parameter_registration_hook(lambda m, n, s: log.append(("parameter", n))),
            mod.register_module_buffer_registration_hook(lambda m, n, s: log.append(("buffer", n))),
        ]
        try:
            m = E.nn.Sequential(E.nn.Linear(2, 3), E.nn.BatchNorm1d(3)).eval()
            m(_input(E)).sum().backward()
        finally:
            for h in handles:
                h.remove()
        m(_input(E)).sum().backward()

    _told(run)


# ---------------------------------------------------------------------- backward
class _Two:
    """A module with two inputs and two outputs, and one that returns a dictionary."""

    @staticmethod
    def make(E):
        class Two(E.nn.Module):
            def forward(self, a, b=None):
                return a * 2, b * 3

        return Two()

    @staticmethod
    def dictionary(E):
        class Named(E.nn.Module):
            def forward(self, a):
                return {"y": a * 2}

        return Named()


def test_backward_hooks_of_several_inputs():
    def run(E, log):
        m = _Two.make(E)
        m.register_full_backward_hook(lambda m, gi, go: log.append((gi, go)))
        x, y = E.ones(1, requires_grad=True), E.ones(1, requires_grad=True)
        a, b = m(x, y)
        (a + b).backward()
        a, _ = m(x, 3)
        a.backward()
        with E.no_grad():
            m(x, y)
        named = _Two.dictionary(E)
        named.register_full_backward_hook(lambda m, gi, go: log.append("never"))
        named(x)["y"].backward()
        return x.grad, y.grad

    _told(run)


def test_backward_hooks_where_no_input_wants_a_gradient():
    def run(E, log):
        m = E.nn.Linear(2, 2)
        m.register_full_backward_hook(lambda m, gi, go: log.append((gi, go)))
        m(E.ones(1, 2)).sum().backward()

    _told(run)


def test_backward_hooks_of_the_old_kind():
    def run(E, log):
        for m in (E.nn.Linear(2, 2), E.nn.Sequential(E.nn.ReLU(), E.nn.Tanh()), _Two.dictionary(E)):
            m.register_backward_hook(lambda m, gi, go: log.append((type(m).__name__, go)))
            out = m(_input(E))
            (out["y"] if isinstance(out, dict) else out).sum().backward()

    _told(run)


@pytest.mark.filterwarnings("ignore:Full backward hook is firing")
def test_backward_hook_errors():
    def both(first, second):
        def run(E):
            m = E.nn.Linear(2, 2)
            getattr(m, first)(print)
            getattr(m, second)(print)

        return run

    names = "register_backward_hook", "register_full_backward_hook"
    raises_alike(
        both(*names), "Cannot use both regular backward hooks and full backward hooks on a single Module"
    )
    raises_alike(both(*reversed(names)), "Cannot use both regular backward hooks and full backward hooks")

    def hooked(name, hook, grad=True):
        def run(E):
            m = E.nn.Linear(2, 2)
            getattr(m, name)(lambda *a: hook(E, *a))
            m(E.ones(1, 2, requires_grad=grad)).sum().backward()

        return run

    full, pre = "register_full_backward_hook", "register_full_backward_pre_hook"
    raises_alike(
        hooked(full, lambda E, m, gi, go: (gi[0], gi[0])),
        "invalid number of grad_input, got 2, but expected 1",
    )
    raises_alike(
        hooked(pre, lambda E, m, go: (go[0], go[0])), "invalid number of grad_output, got 2, but expected 1"
    )
    raises_alike(
        hooked(full, lambda E, m, gi, go: (E.ones(1, 2),), grad=False), "should always return None or None"
    )

    def changed_in_place(E):
        m = E.nn.ReLU(inplace=True)
        m.register_full_backward_hook(lambda m, gi, go: None)
        m(_input(E) * 2)

    raises_alike(changed_in_place, "is a view and is being modified inplace")


# ---------------------------------------------------------------------- state
def test_state_dict_hooks():
    def run(E, log):
        m = E.nn.Sequential(E.nn.Linear(2, 2))
        m._register_state_dict_hook(lambda m, sd, p, md: log.append((list(sd), p, dict(md))))
        m.register_state_dict_pre_hook(lambda m, p, keep: log.append((p, keep)))
        m[0].register_state_dict_post_hook(lambda m, sd, p, md: log.append((list(sd), p)))
        m[0].register_load_state_dict_pre_hook(
            lambda m, sd, p, *a: log.append((type(m).__name__, p, list(sd)))
        )
        m.register_load_state_dict_post_hook(
            lambda m, keys: log.append((type(m).__name__, list(keys.missing_keys)))
        )
        m.load_state_dict(m.state_dict())
        return str(m.state_dict(OrderedDict(), "q.").keys())

    _told(run)

    def refused(register):
        def run(E):
            m = E.nn.Linear(2, 2)
            getattr(m, register)(lambda *a: 3)
            m.load_state_dict(m.state_dict())

        return run

    raises_alike(refused("register_state_dict_post_hook"), "state_dict post-hook must return None")
    raises_alike(refused("register_load_state_dict_post_hook"), "are not expected to return new values")


def test_assigned_parameters_keep_the_modules_requires_grad():
    def run(E, log):
        m = E.nn.Linear(2, 2).requires_grad_(False)
        m.load_state_dict({"weight": E.nn.Parameter(E.ones(2, 2)), "bias": E.ones(2)}, assign=True)
        return [m.weight.requires_grad, m.bias.requires_grad, m.weight]

    _told(run)


def test_buffers_are_marked_tensors():
    for E in ENGINES:
        b = E.nn.Buffer(E.ones(2), persistent=False)
        assert type(b) is E.Tensor
        assert isinstance(b, E.nn.Buffer)
        assert not isinstance(E.ones(2), E.nn.Buffer)
        m = E.nn.Module()
        m.b, m.c = b, E.nn.Buffer(E.ones(1))
        assert list(m.state_dict()) == ["c"]
        assert repr(m.c) == "tensor([1.])"


def test_hooks_are_copied_and_pickled_with_the_module():
    for E in ENGINES:
        m = E.nn.Linear(2, 2)
        handle = m.register_forward_hook(print, with_kwargs=True)
        m.handle = handle
        for again in (copy.deepcopy(m), pickle.loads(pickle.dumps(m))):
            assert len(again._forward_hooks) == 1
            again.handle.remove()
            assert not again._forward_hooks
            assert not again._forward_hooks_with_kwargs
        assert len(m._forward_hooks) == 1


# ---------------------------------------------------------------------- neighbours
def test_data_parallel_without_a_gpu():
    def run(E, log):
        m = E.nn.DataParallel(E.nn.Linear(2, 2))
        y = m(E.ones(1, 2))
        y.sum().backward()
        return repr(m), list(m.state_dict()), m.device_ids, y, m.module.weight.grad

    if not torch.cuda.is_available() and not glasstorch.cuda.is_available():
        _told(run)
        raises_alike(lambda E: E.nn.parallel.data_parallel(E.nn.ReLU(), E.ones(1)), "could not be determined")


def test_sync_batch_norm():
    made = []
    for E in ENGINES:
        m = E.nn.Sequential(
            E.nn.BatchNorm1d(3), E.nn.Sequential(E.nn.BatchNorm2d(4, affine=False)), E.nn.ReLU()
        )
        weight = m[0].weight
        out = E.nn.SyncBatchNorm.convert_sync_batchnorm(m.eval())
        assert out is m
        assert out[0].weight is weight
        assert not out[0].training
        out[0].train()(E.arange(12.0).reshape(4, 3))
        made.append(out)
    assert repr(made[0]) == repr(made[1])
    equal_states(*made)
    raises_alike(lambda E: E.nn.SyncBatchNorm(3)(E.ones(3)), "expected at least 2D input (got 1D input)")
    raises_alike(lambda E: E.nn.SyncBatchNorm(0)(E.ones(3, 0)), "input channels should be non-zero")


@pytest.mark.parametrize("n", [1, 2, 3])
def test_gradients_of_convolutions(n):
    x, w = RNG.normal(size=(2, 4, *[5] * n)), RNG.normal(size=(6, 2, *[3] * n))
    g = RNG.normal(size=(2, 6, *[3] * n))
    compare(
        lambda E, w, g: getattr(E.nn.grad, f"conv{n}d_input")(x.shape, w, g, 2, 1, 1, 2), w, g, grad=False
    )
    compare(
        lambda E, x, g: getattr(E.nn.grad, f"conv{n}d_weight")(x, w.shape, g, 2, 1, 1, 2), x, g, grad=False
    )


def test_choice_of_attention():
    q = RNG.normal(size=(2, 3))
    found = []
    for E in ENGINES:
        with E.nn.attention.sdpa_kernel([E.nn.attention.SDPBackend.MATH]):
            found.append(E.nn.functional.scaled_dot_product_attention(*[E.tensor(q)] * 3))
    equal(*found, "attention")
    raises_alike(
        lambda E: E.nn.attention.sdpa_kernel("math").__enter__(), "must be an instance of SDPBackend"
    )


def test_hooks_before_loading_belong_to_the_copy():
    for E in ENGINES:
        m = E.nn.Linear(2, 2)
        m.register_load_state_dict_pre_hook(_note_owner)
        for again in (copy.deepcopy(m), pickle.loads(pickle.dumps(m))):
            again.load_state_dict(m.state_dict())
            assert again.owner is again


def _note_owner(module, *args):
    object.__setattr__(module, "owner", module)
