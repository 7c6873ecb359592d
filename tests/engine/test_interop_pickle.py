"""Pickling, ``copy.copy`` and ``copy.deepcopy``: what is kept, what is shared, what is refused."""

from __future__ import annotations

import copy
import pickle

import glasstorch
import numpy as np
import pytest
from support.differential import raises_alike, torch

ENGINES = [pytest.param(torch, id="torch"), pytest.param(glasstorch, id="glasstorch")]
each = pytest.mark.parametrize("E", ENGINES)
DTYPES = """bool uint8 int8 int16 int32 int64 uint16 uint32 uint64 float16 bfloat16 float32 float64 complex32 complex64
complex128"""


def again(value, protocol=4):
    return pickle.loads(pickle.dumps(value, protocol))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", DTYPES.split())
def test_every_type_and_protocol(name, protocol):
    t = glasstorch.arange(6).reshape(2, 3).to(getattr(glasstorch, name))
    back = again(t, protocol)
    assert back.dtype is t.dtype
    assert repr(back) == repr(t)
    assert repr(back + back) == repr(t + t)  # array types are the very objects the engine compares with


@each
def test_layout_attributes_and_leaves(E):
    t = E.arange(6.0).reshape(2, 3)
    assert again(t.t()).stride() == (1, 3)
    assert again(t[:, 1:]).stride() == (3, 1)
    assert again(t[:, 1:]).tolist() == [[1, 2], [4, 5]]
    assert again(E.ones(1).expand(3)).stride() == (0,)
    assert again(E.zeros(0, 3)).shape == (0, 3)
    assert again(E.tensor(3)).item() == 3
    x = E.ones(2, requires_grad=True)
    x.sum().backward()
    x.note = "mine"
    y = again(x)
    assert (y.requires_grad, y.is_leaf, y.grad, y.note) == (True, True, None, "mine")
    z = again(x * 2)  # the history stays behind
    assert (z.requires_grad, z.is_leaf, z.tolist()) == (True, True, [2, 2])
    with E.inference_mode():
        inside = E.ones(2)
    assert not again(inside).is_inference()
    assert not copy.deepcopy(inside).is_inference()


@each
def test_a_large_memory_does_not_travel_with_a_small_view(E):
    if E is glasstorch:  # PyTorch takes the whole storage along
        assert len(pickle.dumps(E.zeros(100_000)[:2])) < 2000
    assert again(E.zeros(100_000)[:2]).tolist() == [0, 0]


@each
def test_parameters_and_modules(E):
    p = E.nn.Parameter(E.ones(2))
    p.note = "x"
    p.sum().backward()
    q = again(p)
    assert type(q) is E.nn.Parameter
    assert (q.note, q.grad, q.requires_grad) == ("x", None, True)
    assert not again(E.nn.Parameter(E.ones(2), requires_grad=False)).requires_grad
    a, b = E.nn.Linear(2, 2), E.nn.Linear(2, 2)
    b.weight = a.weight
    both = E.nn.Sequential(a, b, E.nn.BatchNorm1d(2))
    for copied in (again(both), copy.deepcopy(both)):
        assert copied[0].weight is copied[1].weight
        assert copied[0].weight is not a.weight
        assert repr(copied) == repr(both)
        for mine, original in zip(copied.state_dict().values(), both.state_dict().values(), strict=True):
            assert E.equal(mine, original)


@each
def test_small_things(E):
    generator = E.Generator()
    generator.manual_seed(5)
    same = again(generator)
    assert E.rand(2, generator=generator).tolist() == E.rand(2, generator=same).tolist()
    for thing in (E.float32, E.bfloat16, E.strided, E.channels_last, E.Tensor, E.Size, E.nn.Linear, E.add, E.softmax,
                  E.stack, E.nn.functional.relu, E.linalg.norm, E.nn.functional.cross_entropy):  # fmt: skip
        assert again(thing) is thing
    assert again(E.device("cuda:1")) == E.device("cuda:1")
    assert type(again(E.ones(2, 3).shape)) is E.Size
    assert type(copy.copy(E.ones(2, 3).shape)) is E.Size
    best = again(E.tensor([[1.0, 3.0]]).max(1))
    assert best.values.item() == 3
    assert type(best) is type(E.ones(1, 1).max(1))
    assert copy.deepcopy(E.tensor([2, 1]).sort()).indices.tolist() == [1, 0]


@each
def test_copy_shares_memory_and_nothing_else(E):
    x = E.ones(2, requires_grad=True)
    x.sum().backward()
    x.note = [1]
    y = copy.copy(x)
    assert y is not x
    assert y.data_ptr() == x.data_ptr()
    assert (y.requires_grad, y.is_leaf, y.grad) == (True, True, None)
    assert y.note is x.note
    t = E.arange(6.0).reshape(2, 3).t()
    assert copy.copy(t).stride() == t.stride()
    assert copy.copy(t).data_ptr() == t.data_ptr()
    p = E.nn.Parameter(E.ones(2))
    assert type(copy.copy(p)) is E.nn.Parameter
    assert copy.copy(p).data_ptr() == p.data_ptr()
    m = E.nn.Linear(1, 1)
    assert copy.copy(m).weight is m.weight


@each
def test_deepcopy_copies_memory_gradient_and_attributes_but_not_hooks(E):
    x = E.ones(2, requires_grad=True)
    x.sum().backward()
    x.note = [1]
    x.register_hook(lambda g: g * 10)
    y = copy.deepcopy(x)
    assert y.data_ptr() != x.data_ptr()
    assert y.note == x.note
    assert y.note is not x.note
    assert y.grad.tolist() == [1, 1]
    y.sum().backward()
    assert (y.grad.tolist(), x.grad.tolist()) == ([2, 2], [1, 1])
    p = E.nn.Parameter(E.ones(2))
    p.note = 1
    p.sum().backward()
    q = copy.deepcopy(p)
    assert (type(q), q.grad, hasattr(q, "note")) == (E.nn.Parameter, None, False)


@each
def test_deepcopy_keeps_what_is_shared(E):
    a = E.arange(6.0)
    x, y, z, w = copy.deepcopy((a, a[2:4], a.reshape(2, 3).t(), a))
    x[2] = 99
    assert w is x
    assert y.tolist() == [99, 3]
    assert z.tolist() == [[0, 3], [1, 4], [99, 5]]
    assert a[2] == 2
    assert copy.deepcopy(E.ones(1).expand(3)).stride() == (0,)
    assert copy.deepcopy(E.zeros(0, 3)).shape == (0, 3)
    assert copy.deepcopy(E.from_numpy(np.arange(8.0)[1::3])).tolist() == [1, 4, 7]


def test_deepcopy_of_a_result_is_refused():
    raises_alike(
        lambda E: copy.deepcopy(E.ones(2, requires_grad=True) * 2),
        "Only Tensors created explicitly by the user",
    )


@each
def test_subclasses(E):
    assert type(again(E.ones(2).as_subclass(kinds(E)[0]))) is kinds(E)[0]
    made = kinds(E)[1](E.ones(2), "extra")
    for back in (again(made), copy.copy(made)):
        assert (type(back), back.extra, back.tolist()) == (kinds(E)[1], "extra", [1, 1])


def kinds(E):
    return (TorchPlain, TorchFull) if E is torch else (GlassPlain, GlassFull)


def define(E, plain, full):
    def make(cls, x, extra=None):
        return E.Tensor._make_subclass(cls, x)

    def init(self, x, extra=None):
        self.extra = extra

    where = {"__module__": __name__}
    return (type(plain, (E.Tensor,), dict(where)),
            type(full, (E.Tensor,), {**where, "__new__": staticmethod(make), "__init__": init}))  # fmt: skip


TorchPlain, TorchFull = define(torch, "TorchPlain", "TorchFull")
GlassPlain, GlassFull = define(glasstorch, "GlassPlain", "GlassFull")


def test_deepcopy_of_a_subclass_keeps_the_class():
    """PyTorch refuses this unless the class implements new_empty."""
    made = GlassFull(glasstorch.ones(2), ["extra"])
    back = copy.deepcopy(made)
    assert type(back) is GlassFull
    assert back.extra == ["extra"]
    assert back.extra is not made.extra
    assert back.data_ptr() != made.data_ptr()
