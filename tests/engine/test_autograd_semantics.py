"""What autograd promises beyond single formulas, checked against PyTorch where both can be asked."""

from __future__ import annotations

import gc
import threading
import weakref

import glasstorch
import numpy as np
import pytest
from support.differential import compare, raises_alike, torch

ENGINES = [pytest.param(torch, id="torch"), pytest.param(glasstorch, id="glasstorch")]
rng = np.random.default_rng(1)


# ---------------------------------------------------------------- bugs that other engines shipped silently
def test_a_gradient_array_shared_by_two_parents_is_not_added_into() -> None:
    def fn(E, x, y):
        z = x + y
        return (z * z).sum() + (x * x).sum()

    compare(fn, np.array(1.0), np.array(1.0))


def test_repeated_indices_add_up() -> None:
    compare(
        lambda E, x: x[E.tensor([0, 0, 1, 0])] * E.tensor([1.0, 2.0, 3.0, 4.0], dtype=x.dtype),
        rng.normal(size=3),
    )


def test_twenty_thousand_operations_deep() -> None:
    x = glasstorch.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(20_000):
        y = y + x
    y.backward()
    assert x.grad.item() == 20_001
    del y  # freeing a deep chain must not recurse either


def test_python_numbers_do_not_widen_float32() -> None:
    x = glasstorch.ones(2, requires_grad=True)
    y = ((x * 2 + 1) / 3 - 0.5) ** 2
    y.sum().backward()
    assert y.dtype is glasstorch.float32
    assert x.grad.dtype is glasstorch.float32
    assert (x * glasstorch.tensor(2.0, dtype=glasstorch.float64)).dtype is glasstorch.float32


def test_matrix_times_vector() -> None:
    compare(lambda E, a, b: a @ b, rng.normal(size=(3, 2)), rng.normal(size=2))


def test_editing_a_saved_tensor_is_an_error() -> None:
    def edit(E):
        x = E.ones(3, requires_grad=True)
        h = x * 2
        y = h * h
        h.add_(1)
        y.sum().backward()

    raises_alike(edit, "modified by an inplace operation", "[3]", "version 1", "expected version 0")

    def edit_output(E):
        y = E.ones(2, requires_grad=True).exp()
        y.mul_(2)
        y.sum().backward()

    raises_alike(edit_output, "modified by an inplace operation", "output 0 of Exp")


def test_editing_what_was_not_saved_is_fine() -> None:
    def fn(E, x):
        h = x * 2
        y = h + 1
        h.mul_(3)
        return y, h * E.ones(3, dtype=h.dtype)

    compare(fn, rng.normal(size=3))


# ---------------------------------------------------------------- graph life
@pytest.mark.parametrize("E", ENGINES)
def test_backward_twice(E) -> None:
    x = E.ones(2, requires_grad=True)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [4, 4]
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


@pytest.mark.parametrize("E", ENGINES)
def test_gradients_never_alias(E) -> None:
    a, b, seed = E.zeros(2, requires_grad=True), E.zeros(2, requires_grad=True), E.ones(2)
    (a + b).backward(seed)
    a.grad.add_(5)
    assert b.grad.tolist() == [1, 1]
    assert seed.tolist() == [1, 1]


@pytest.mark.parametrize("E", ENGINES)
def test_accumulation_keeps_the_same_grad_tensor(E) -> None:
    x = E.ones(2, requires_grad=True)
    (x * 2).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    assert x.grad is first
    assert first.tolist() == [5, 5]


@pytest.mark.parametrize("E", ENGINES)
def test_grad_of_chosen_inputs_only(E) -> None:
    x, w = E.ones(2, requires_grad=True), E.ones(2, requires_grad=True)
    h = x * w
    y = (h * h).sum()
    (gh,) = E.autograd.grad(y, h, retain_graph=True)
    assert gh.tolist() == [2, 2]
    y.backward(inputs=[w])
    assert x.grad is None
    assert w.grad.tolist() == [2, 2]
    unused = E.ones(1, requires_grad=True)
    with pytest.raises(RuntimeError, match="allow_unused"):
        E.autograd.grad((x * 2).sum(), unused)
    assert E.autograd.grad((x * 2).sum(), [unused], allow_unused=True) == (None,)
    (zero,) = E.autograd.grad((x * 2).sum(), [unused], materialize_grads=True)
    assert zero.tolist() == [0]


@pytest.mark.parametrize("E", ENGINES)
def test_leaves_and_history(E) -> None:
    x = E.ones(2, requires_grad=True)
    y = x * 2
    assert x.is_leaf
    assert not y.is_leaf
    assert y.grad_fn.name() == "MulBackward0"
    assert type(y.grad_fn).__name__ == "MulBackward0"
    accumulate = y.grad_fn.next_functions[0][0]
    assert accumulate.variable is x
    assert y.grad_fn.next_functions[0][0] is accumulate
    assert y.grad_fn.next_functions[1] == (None, 0)
    assert y.detach().grad_fn is None
    with pytest.raises(RuntimeError, match="leaf"):
        x.add_(1)
    with pytest.raises(RuntimeError, match="leaf"):
        y.requires_grad = False
    with E.no_grad():
        x.add_(1)
    assert x.tolist() == [2, 2]


@pytest.mark.parametrize("E", ENGINES)
def test_what_backward_refuses(E) -> None:
    with pytest.raises(RuntimeError, match="scalar outputs"):
        (E.ones(2, requires_grad=True) * 2).backward()
    with pytest.raises(RuntimeError, match="does not require grad"):
        E.ones(1).backward()
    with pytest.raises(RuntimeError, match="shape"):
        (E.ones(2, requires_grad=True) * 2).backward(E.ones(3))


# ---------------------------------------------------------------- hooks
@pytest.mark.parametrize("E", ENGINES)
def test_tensor_hooks(E) -> None:
    x = E.ones(2, requires_grad=True)
    seen: list = []
    h = x * 3
    h.register_hook(lambda g: seen.append(g.tolist()))
    h.register_hook(lambda g: g * 10)
    handle = x.register_hook(lambda g: g + 1)
    h.retain_grad()
    (h * 2).sum().backward()
    assert seen == [[2, 2]]
    assert h.grad.tolist() == [20, 20]
    assert x.grad.tolist() == [61, 61]
    handle.remove()
    after: list = []
    x.register_post_accumulate_grad_hook(lambda t: after.append(t.grad.tolist()))
    (x * 1).sum().backward()
    assert after == [[62, 62]]


@pytest.mark.parametrize("E", ENGINES)
def test_node_hooks(E) -> None:
    x = E.ones(2, requires_grad=True)
    y = x.exp()
    order: list = []
    y.grad_fn.register_prehook(lambda outs: order.append(("pre", outs[0].tolist())))
    y.grad_fn.register_hook(lambda ins, outs: (ins[0] * 0,))
    y.sum().backward()
    assert order == [("pre", [1, 1])]
    assert x.grad.tolist() == [0, 0]


# ---------------------------------------------------------------- modes
@pytest.mark.parametrize("E", ENGINES)
def test_grad_modes(E) -> None:
    x = E.ones(2, requires_grad=True)
    with E.no_grad():
        assert not (x * 2).requires_grad
        with E.enable_grad():
            assert (x * 2).requires_grad
    with E.set_grad_enabled(False):
        assert not E.is_grad_enabled()
    assert E.is_grad_enabled()

    @E.no_grad()
    def plain():
        return x * 2

    @E.no_grad
    def bare():
        return x * 2

    @E.no_grad()
    def generator():
        yield (x * 2).requires_grad
        yield E.is_grad_enabled()

    assert not plain().requires_grad
    assert not bare().requires_grad
    it = generator()
    assert next(it) is False
    assert E.is_grad_enabled()
    assert next(it) is False


@pytest.mark.parametrize("E", ENGINES)
def test_grad_mode_belongs_to_its_thread(E) -> None:
    found = []
    with E.no_grad():
        thread = threading.Thread(target=lambda: found.append(E.is_grad_enabled()))
        thread.start()
        thread.join()
    assert found == [True]


@pytest.mark.parametrize("E", ENGINES)
def test_inference_mode(E) -> None:
    w = E.ones(2, requires_grad=True)
    with E.inference_mode():
        x = w * 2
        assert x.is_inference()
    assert not x.requires_grad
    with pytest.raises(RuntimeError, match="Inference tensors cannot be saved"):
        w * x
    assert (x + 1).tolist() == [3, 3]
    with pytest.raises(RuntimeError, match="outside InferenceMode"):
        x.add_(1)


# ---------------------------------------------------------------- views
@pytest.mark.parametrize("E", ENGINES)
def test_views_share_memory_history_and_version(E) -> None:
    b = E.zeros(2, 3)
    v = b[0]
    v.fill_(7)
    assert b.tolist() == [[7, 7, 7], [0, 0, 0]]
    assert v._base is b
    assert b._version == v._version == 1
    assert b.view(-1).data_ptr() == b.data_ptr()
    assert not b.t().is_contiguous()
    assert b.t().stride() == (1, 3)
    x = E.ones(3, requires_grad=True)
    v.mul_(x)
    assert b.requires_grad
    b.sum().backward()
    assert x.grad.tolist() == [7, 7, 7]


def test_a_view_made_before_sees_what_was_written_after() -> None:
    def fn(E, x, w):
        base = x * 1
        top, bottom, all_of_it = base[0], base[1], base.view(-1)
        bottom.mul_(w)
        top.add_(bottom)
        return all_of_it * all_of_it, top * 2

    compare(fn, rng.normal(size=(2, 3)), rng.normal(size=3))


# ---------------------------------------------------------------- custom functions
@pytest.mark.parametrize("E", ENGINES)
def test_custom_function(E) -> None:
    class Cube(E.autograd.Function):
        @staticmethod
        def forward(ctx, x, scale):
            ctx.save_for_backward(x)
            ctx.scale = scale
            return x**3 * scale, (x > 0)

        @staticmethod
        def backward(ctx, grad, _):
            (x,) = ctx.saved_tensors
            return grad * 3 * x * x * ctx.scale, None

    x = E.tensor([1.0, 2.0], requires_grad=True)
    y, positive = Cube.apply(x, 2.0)
    assert not positive.requires_grad
    (g,) = E.autograd.grad(y.sum(), x, create_graph=True)
    assert g.tolist() == [6, 24]
    (gg,) = E.autograd.grad(g.sum(), x)
    assert gg.tolist() == [12, 24]
    assert y.grad_fn.name() == "CubeBackward"


@pytest.mark.parametrize("E", ENGINES)
def test_custom_function_with_the_wrong_number_of_gradients(E) -> None:
    class Bad(E.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            return a * b

        @staticmethod
        def backward(ctx, g):
            return g

    a = E.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="incorrect number of gradients"):
        Bad.apply(a, a).sum().backward()


def test_higher_derivatives() -> None:
    x = glasstorch.tensor(0.7, dtype=glasstorch.float64, requires_grad=True)
    y, values = x.sin(), []
    for _ in range(4):
        (y,) = glasstorch.autograd.grad(y, x, create_graph=True)
        values.append(y.item())
    np.testing.assert_allclose(values, [np.cos(0.7), -np.sin(0.7), -np.cos(0.7), np.sin(0.7)])


@pytest.mark.parametrize("E", ENGINES)
def test_anomaly_mode_names_the_forward_line(E) -> None:
    x = E.tensor([-1.0], requires_grad=True)
    with E.autograd.set_detect_anomaly(True):
        y = x.sqrt()  # the line to find
        with (
            pytest.warns(UserWarning, match="the line to find"),
            pytest.raises(RuntimeError, match="SqrtBackward0"),
        ):
            y.sum().backward()


# ---------------------------------------------------------------- memory
def test_graphs_are_freed_without_the_cyclic_collector() -> None:
    w = glasstorch.ones(64, requires_grad=True)

    def step():
        h = (w * 2).view(8, 8)
        loss = (h @ h).exp().mean()
        watch = weakref.ref(loss.grad_fn), weakref.ref(h)
        loss.backward()
        return watch

    gc.collect()
    gc.disable()
    try:
        for _ in range(1000):
            node, middle = step()
            assert node() is None
            assert middle() is None
            w.grad = None
        assert not w._x or not w._x.views  # views of a parameter do not pile up
    finally:
        gc.enable()


def test_saved_arrays_are_freed_as_backward_proceeds() -> None:
    x = glasstorch.ones(1000, requires_grad=True)
    y = x.exp()
    z = (y * y).sum()
    node = y.grad_fn
    assert node.saved[0] is not None
    z.backward()
    assert node.saved is None


# ---------------------------------------------------------------- the fast path and the general path agree
def test_every_fast_path_agrees_with_the_general_path() -> None:
    from glasstorch.core.dispatch import general
    from glasstorch.core.op import ARRAY, REGISTRY

    def outcome(call, leaves):
        try:
            out = call(leaves)
            if out.requires_grad:
                out.sum().backward()
        except (RuntimeError, ValueError, TypeError) as error:  # no derivative, or not for float tensors
            return type(error)
        return [
            out.numpy(force=True).tolist(),
            *(None if t.grad is None else t.grad.tolist() for t in leaves),
        ]

    checked = 0
    for op in REGISTRY.values():
        kinds = {op.params[i].kind for i in op.tensor_params}
        if (
            "x_" not in op.function.source
            or any(p.default is p.empty for p in op.params if not p.kind)
            or kinds != {ARRAY}
        ):
            continue
        arrays = {i: rng.uniform(0.3, 0.9, size=(3, 3)) for i in op.tensor_params}

        def in_general(ts, op=op):
            given = dict(zip(op.tensor_params, ts, strict=True))
            return general(op, tuple(given.get(i, p.default) for i, p in enumerate(op.params)))

        def leaves(arrays=arrays):
            return [glasstorch.tensor(a, requires_grad=True) for a in arrays.values()]

        fast = outcome(lambda ts, op=op: op.function(*ts), leaves())
        assert repr(fast) == repr(outcome(in_general, leaves())), op.name  # as text, where nan equals nan
        checked += 1
    assert checked > 30


F = glasstorch.nn.functional
CALLS = {
    "linear": lambda x, w: F.linear(x, w),
    "linear with bias": lambda x, w: F.linear(x, w, w[0].detach() + 1),
    "linear, only the bias": lambda x, w: F.linear(x.detach(), x.detach(), w[0]),
    "cross_entropy": lambda x, w: F.cross_entropy(x, glasstorch.tensor([0, 2, 3, 1])),
    "cross_entropy, weights": lambda x, w: F.cross_entropy(x, glasstorch.tensor([0, 2, 3, 1]), w[0].detach()),
    "layer_norm": lambda x, w: F.layer_norm(x, (4,), w[0], w[1]),
    "layer_norm, plain": lambda x, w: F.layer_norm(x, (4,)),
    "max_pool": lambda x, w: F.max_pool2d(x[None, None], 2),
    "conv": lambda x, w: F.conv2d(x[None, None], w[None, None, :2, :2], w[0, :1]),
    "gather": lambda x, w: x.gather(1, glasstorch.tensor([[0, 0], [1, 2], [3, 3], [2, 0]])),
    "index_select": lambda x, w: x.index_select(0, glasstorch.tensor([1, 1, 3])),
    "embedding": lambda x, w: F.embedding(glasstorch.tensor([0, 1, 1]), w),
    "addmm": lambda x, w: glasstorch.addmm(w[0], x, w, beta=2, alpha=3),
    "mv": lambda x, w: x @ w[0],
}


@pytest.mark.parametrize("name", CALLS)
def test_calls_with_options_agree_with_the_general_path(name) -> None:
    from glasstorch.core.mode import STATE

    def outcome():
        x, w = (
            glasstorch.tensor(rng.normal(size=(4, 4)), requires_grad=True)
            for rng in map(np.random.default_rng, (1, 2))
        )
        y = CALLS[name](x, w)
        y.sum().backward()
        return [y.tolist(), y.grad_fn.name(), *(None if t.grad is None else t.grad.tolist() for t in (x, w))]

    fast = outcome()
    STATE.enter()  # whatever mode is active, operations take the general path
    try:
        assert fast == outcome()
    finally:
        STATE.leave()
