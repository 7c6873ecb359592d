"""NumPy arrays and tensors: shared memory both ways, NumPy's functions on tensors, buffers."""

from __future__ import annotations

import array
import warnings

import glasstorch
import numpy as np
import pytest
from support.differential import torch

DTYPES = "bool uint8 int8 int16 int32 int64 uint16 uint32 uint64 float16 float32 float64 complex64 complex128"


def told(engine, text):
    """What an expression gives: type and repr, or the class and the first words of the error."""
    names = {
        "E": engine,
        "np": np,
        "t": engine.tensor([1.0, 2.0]),
        "d": engine.tensor([1.0, 2.0], dtype=engine.float64),
        "i": engine.tensor([1, 2]),
        "g": engine.tensor([1.0, 2.0], requires_grad=True),
        "s": engine.tensor(2.0),
        "a": np.array([3.0, 4.0]),
        "f": np.array([3.0, 4.0], np.float32),
        "ia": np.array([3, 4]),
        "m": engine.arange(6.0).reshape(2, 3),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            value = eval(text, names)
        except Exception as error:
            return type(error).__name__, str(error)[:60]
    return type(value).__name__, repr(value)


@pytest.mark.parametrize("name", DTYPES.split())
def test_memory_is_shared_both_ways(name):
    numbers = np.arange(6).reshape(2, 3).astype(name)
    t = glasstorch.from_numpy(numbers)
    assert repr(t) == repr(torch.from_numpy(numbers))
    numbers[0, 1] = 0
    assert t.numpy()[0, 1] == 0
    t[1, 2] = 1
    assert numbers[1, 2] == 1
    back = t.numpy()
    assert back.dtype == numbers.dtype
    assert np.shares_memory(back, numbers)
    assert np.shares_memory(np.asarray(t), numbers)
    assert not np.shares_memory(np.array(t), numbers)


def test_a_returned_array_has_a_shape_of_its_own():
    t = glasstorch.arange(6)
    array_ = t.numpy()
    array_ = array_.reshape(2, 3)
    array_[0, 0] = 7
    view = t.numpy()
    view.resize((3, 2), refcheck=False) if view.flags.owndata else None
    assert t.shape == (6,)
    assert t[0] == 7


@pytest.mark.parametrize("make", [
    lambda: np.ones((2, 3)).T, lambda: np.ones(6)[::2], lambda: np.ones((4, 4))[1:3, ::2],
    lambda: np.array(3.0), lambda: np.ones((2, 2, 3)).transpose(2, 1, 0),
])  # fmt: skip
def test_layouts_are_kept(make):
    ours, theirs = glasstorch.from_numpy(make()), torch.from_numpy(make())
    assert ours.stride() == theirs.stride()
    assert repr(ours) == repr(theirs)
    assert glasstorch.tensor(make()).stride() == torch.tensor(make()).stride()


SAME = """
np.sin(t) | np.sin(i) | np.sin(s) | np.add(t, a) | np.add(a, t) | np.abs(t) | np.matmul(d, a) | np.exp(t > 1)
t * a | t + f | t - a | i * f | t + ia | t / a | t ** a | d @ a | t == a | a == t
a * t | a + t | a - t | ia * t | a @ d | a ** t | a < t | t < a | a // t | t % a
np.float64(2) * t | t * np.float64(2) | np.float32(2) * i | np.int64(2) * t | np.float64(2) - t | np.float64(2) / i
np.float64(2) ** t | np.zeros(2) + s | np.concatenate([t, t]) | np.dot(t, t) | np.where(t > 1, t, 0)
np.array(t, dtype=np.int32) | np.array([t, t]) | np.array([s, s]) | np.ones(3)[E.tensor([0, 2])]
np.modf(t) | np.divmod(t, t) | np.add.reduce(t) | np.argmax(t) | np.cumsum(t) | np.clip(t, 0, 1) | np.reshape(t, (2, 1))
np.add(t, a, out=np.zeros(2)) | np.multiply.outer(t, t) | np.arange(E.tensor(3)) | t.__array_wrap__(a)
np.sin(g) | np.asarray(g) | a * g | g * a | g + a | g.numpy() | g.numpy(force=True) | g.__array__()
E.tensor(np.float32(3)) | E.tensor(np.array(3)) | E.tensor([np.float64(1), 2]) | E.tensor([np.int32(1)])
E.tensor([a, a]) | E.tensor(np.array([1.5, -2.5]), dtype=E.int32) | E.tensor(b'ab') | E.tensor({1: 2})
E.as_tensor(a) | E.as_tensor(3) | E.as_tensor(np.float32(2)) | E.as_tensor([s, s]) | E.as_tensor(t) is t
E.as_tensor(a, dtype=E.float32) | E.as_tensor(g).requires_grad | E.asarray(t) is t | E.asarray(t, copy=True) is t
E.asarray(a) | E.asarray(a, copy=True) | E.asarray(a, copy=False) | E.asarray(a, dtype=E.float32, copy=False)
E.asarray([1, 2], copy=False) | E.asarray(t, requires_grad=True) | E.asarray(g) | E.asarray(g, requires_grad=False)
E.asarray(np.float32(2)) | E.asarray(bytearray(b'abcd')) | E.asarray(bytearray(b'abcdefgh'), dtype=E.int32)
E.asarray(memoryview(b'abcd')) | E.asarray('x') | E.asarray(None) | E.asarray(object()) | E.asarray(np.array(['x']))
E.from_numpy(a[::-1]) | E.tensor(a[::-1]) | E.asarray(a[::-1]) | E.from_numpy(np.array([1.], '>f4'))
E.tensor(np.array([1.], '>f4')) | E.from_numpy(np.array([None])) | E.from_numpy(3) | E.from_numpy(np.float32(3))
E.from_numpy(np.zeros(3, dtype=[('a', 'i1'), ('b', 'f4')])['b']) | E.from_numpy(np.array([1], 'M8[s]'))
E.frombuffer(bytearray(8), dtype=E.float32) | E.frombuffer(b'12345678', dtype=E.float32)
E.frombuffer(bytearray(8), dtype=E.float32, count=1) | E.frombuffer(bytearray(8), dtype=E.float32, offset=4)
E.frombuffer(bytearray(8), dtype=E.float32, offset=2) | E.frombuffer(bytearray(8), dtype=E.float32, offset=8)
E.frombuffer(bytearray(8), dtype=E.float32, count=3) | E.frombuffer(bytearray(8), dtype=E.float32, count=0)
E.frombuffer(bytearray(8), dtype=E.float32, count=-2) | E.frombuffer(bytearray(8), dtype=E.float32, offset=-2)
E.frombuffer(bytearray(0), dtype=E.float32) | E.frombuffer(bytearray(7), dtype=E.float32)
E.frombuffer(bytearray(8), dtype=E.float32, requires_grad=True) | E.frombuffer(bytearray(8), dtype=E.bool)
E.frombuffer(3, dtype=E.float32) | E.frombuffer(np.arange(6)[::2], dtype=E.int64)
memoryview(t) | bytes(t) | float(t) | int(t) | float(s) | int(E.tensor(float('nan'))) | float(E.tensor(1 + 2j))
complex(E.tensor(1 + 2j)) | t.numpy(force=True) | E.ones(1).expand(3).numpy().strides | t.tolist() | s.tolist()
t + 'x' | t + [1, 2] | t + None | E.zeros(2, 0).tolist() | [10, 20, 30][E.tensor(1)] | list(range(E.tensor(3)))
""".replace("\n", "|").split("|")


@pytest.mark.parametrize("text", [s.strip() for s in SAME if s.strip()])
def test_as_pytorch(text):
    assert told(glasstorch, text) == told(torch, text)


def test_the_answer_of_a_test_is_bool():
    """PyTorch hands out uint8 here, from a time when it had no bool."""
    assert np.isnan(glasstorch.ones(2)).dtype is glasstorch.bool


def test_array_says_when_it_would_have_to_copy():
    t = glasstorch.ones(2)
    assert np.shares_memory(np.array(t, copy=False), t.numpy())
    with pytest.raises(ValueError, match="Unable to avoid copy"):
        np.array(t, dtype=np.float64, copy=False)


def test_a_read_only_array_warns():
    fixed = np.ones(2)
    fixed.flags.writeable = False
    with pytest.warns(UserWarning, match="The given NumPy array is not writable"):
        t = glasstorch.from_numpy(fixed)
    with pytest.raises(ValueError, match="read-only"):
        t.add_(1)
    with pytest.warns(UserWarning, match="The given buffer is not writable"):
        glasstorch.frombuffer(b"1234", dtype=glasstorch.uint8)


@pytest.mark.parametrize(
    "make", [lambda E: E.frombuffer, lambda E: lambda b, dtype: E.asarray(b, dtype=dtype)]
)
def test_buffers_are_shared(make):
    block = array.array("f", [1.0, 2.0])
    t = make(glasstorch)(block, dtype=glasstorch.float32)
    t[0] = 5
    block[1] = 7
    assert block[0] == 5
    assert t.tolist() == [5.0, 7.0]


def test_bfloat16_has_no_numpy_type():
    t = glasstorch.ones(2, dtype=glasstorch.bfloat16)
    for f in (lambda: t.numpy(), lambda: np.asarray(t)):
        with pytest.raises(TypeError, match="Got unsupported ScalarType BFloat16"):
            f()


NUMBERS = """
E.zeros(np.int64(3)) | E.zeros((np.int64(2), 3)) | E.ones(np.array(3)) | E.zeros(tuple(np.array([2, 3])))
m[np.int64(0)] | m.sum(np.int64(0)) | m.sum(dim=(np.int64(0), 1)) | m[np.array([1, 0])]
m[np.array([True, False])] | m[np.array(1)] | m[:, np.array([0, 2])] | m[np.array([0, 1]), np.array([0, 2])]
m[E.tensor([0, 1]), np.array([0, 2])] | m[[np.int64(0)]] | m[np.int64(0):np.int64(1)] | m[np.ones((2, 3), bool)]
m[np.array([0.5])] | E.full((2,), np.float32(1.5)) | E.arange(np.int64(3)) | E.arange(np.float32(3))
E.linspace(np.float32(0), np.float64(1), np.int64(3)) | m.reshape(np.int64(3), -1) | m * np.bool_(True)
m.long() + np.float16(1) | m.half() * np.float64(1.5) | np.int64(2) ** m | m ** np.int64(2) | np.float32(1) == m
np.float32(1) < m | np.int64(1) & m.long() | E.clamp(m, np.float32(1), np.int64(3))
E.add(m, 1, alpha=np.float64(2)) | E.where(m > 1, m, np.float32(0)) | E.pow(np.float32(2), m)
m.topk(np.int64(1)) | E.tensor([np.uint8(200), 1]) | E.tensor(np.complex64(1j))
E.tensor([np.float16(1)]).dtype | m.roll(np.int64(1)) | E.zeros(2, dtype=float) | E.tensor([1], dtype=int)
m.to(float) | m.to(int) | m.to(bool) | E.ones(2, dtype=complex) | E.zeros_like(m, dtype=int)
np.array([E.tensor(1.), E.tensor(2.)]) | sum([E.tensor(1), np.int64(2)]) | +E.tensor(True)
np.int64(3) in E.tensor([1, 2, 3]) | np.array([1, 2, 3])[E.tensor(1):]
np.reshape(np.arange(6), (E.tensor(2), 3)).shape
"""


@pytest.mark.parametrize("text", [s.strip() for s in NUMBERS.replace("\n", "|").split("|") if s.strip()])
def test_numpy_s_numbers_and_python_s_types(text):
    assert told(glasstorch, text) == told(torch, text)
