"""DLPack both ways, with NumPy and with real PyTorch, without copies."""

from __future__ import annotations

import gc
import re

import glasstorch
import numpy as np
import pytest
from support.differential import torch

DTYPES = """bool uint8 int8 int16 int32 int64 uint16 uint32 uint64 float16 float32 float64 complex64 complex128
bfloat16 complex32"""


def make(E, name):
    return E.tensor([[1, 0, 3], [4, 5, 6]]).to(getattr(E, name))


@pytest.mark.parametrize("name", DTYPES.split())
def test_to_and_from_pytorch_without_a_copy(name):
    ours, theirs = make(glasstorch, name), make(torch, name)
    there, here = torch.from_dlpack(ours), glasstorch.from_dlpack(theirs)
    assert repr(there) == repr(theirs)
    assert repr(here) == repr(ours)
    assert there.data_ptr() == ours.data_ptr()
    assert here.data_ptr() == theirs.data_ptr()
    here[0, 0] = 0
    assert theirs[0, 0] == 0
    there[1, 1] = 0
    assert ours[1, 1] == 0


@pytest.mark.parametrize("name", [n for n in DTYPES.split() if n not in ("bfloat16", "complex32")])
def test_to_and_from_numpy_without_a_copy(name):
    t = make(glasstorch, name)
    array = np.from_dlpack(t)
    assert array.dtype == name
    array[0, 0] = 0
    assert t[0, 0] == 0
    back = glasstorch.from_dlpack(array)
    assert back.dtype is t.dtype
    assert back.data_ptr() == t.data_ptr()


LAYOUTS = [
    lambda E: E.arange(6.0).reshape(2, 3).t(), lambda E: E.arange(6.0)[1::2], lambda E: E.ones(1).expand(3),
    lambda E: E.tensor(2.0), lambda E: E.zeros(0, 3), lambda E: E.arange(24.0).reshape(2, 3, 4).permute(2, 0, 1),
]  # fmt: skip


@pytest.mark.parametrize("layout", range(len(LAYOUTS)))
def test_layouts(layout):
    ours = LAYOUTS[layout](glasstorch)
    for out in (torch.from_dlpack(ours), torch.from_dlpack(glasstorch.to_dlpack(ours))):
        assert out.shape == tuple(ours.shape)
        assert out.tolist() == ours.tolist()
    theirs = LAYOUTS[layout](torch)
    for out in (glasstorch.from_dlpack(theirs), glasstorch.from_dlpack(torch.to_dlpack(theirs))):
        assert out.tolist() == theirs.tolist()
        assert out.stride() == theirs.stride()


def test_capsules():
    t = glasstorch.ones(3)
    assert 'capsule object "dltensor" ' in repr(t.__dlpack__())
    assert 'capsule object "dltensor" ' in repr(t.__dlpack__(max_version=(0, 8)))
    assert 'capsule object "dltensor_versioned" ' in repr(t.__dlpack__(max_version=(1, 0)))
    for capsule in (t.__dlpack__(), t.__dlpack__(max_version=(1, 0)), glasstorch.utils.dlpack.to_dlpack(t)):
        same = glasstorch.from_dlpack(capsule)
        assert same.data_ptr() == t.data_ptr()
        same[0] += 1
        with pytest.raises(RuntimeError, match="consumed only once"):
            glasstorch.from_dlpack(capsule)
    assert t[0] == 4
    b = glasstorch.ones(2, dtype=glasstorch.bfloat16)
    assert glasstorch.from_dlpack(b.__dlpack__()).dtype is glasstorch.bfloat16


def test_memory_lives_as_long_as_somebody_uses_it():
    out = glasstorch.from_dlpack(torch.to_dlpack(torch.arange(1000)))
    array = np.from_dlpack(glasstorch.arange(1000))
    gc.collect()
    torch.full((1000,), -1)
    np.full(1000, -1)
    assert out.tolist() == list(range(1000))
    assert array.tolist() == list(range(1000))


SAME = """t.__dlpack_device__()
g.__dlpack_device__()
t.__dlpack__(stream=1)
t.__dlpack__(stream='x')
t.__dlpack__(dl_device=(2, 0), copy=False)
g.__dlpack__()
np.from_dlpack(g)
E.from_dlpack(g)
np.from_dlpack(t).flags.writeable
E.from_dlpack(t) is t
E.from_dlpack(3)
E.from_dlpack(a, copy=True)
E.from_dlpack(a, copy=False)
E.from_dlpack(a, device='cpu')
E.from_dlpack(E.to_dlpack(t), copy=True)
E.from_dlpack(np.array(['x']))
E.utils.dlpack.from_dlpack(E.utils.dlpack.to_dlpack(t))
E.from_dlpack(a > 0)
E.from_dlpack(ro)
E.nn.Parameter(t).__dlpack__()
list(E.utils.dlpack.DLDeviceType)""".splitlines()


def told(E, text):
    read_only = np.ones(3)
    read_only.flags.writeable = False
    names = {
        "E": E,
        "np": np,
        "t": E.ones(3),
        "g": E.ones(3, requires_grad=True),
        "a": np.ones(3),
        "ro": read_only,
    }
    try:
        value = eval(text, names)
    except Exception as error:
        return type(error).__name__, str(error)[:60]
    return re.sub(" at 0x[0-9a-f]+", "", repr(value))


@pytest.mark.parametrize("text", SAME)
def test_as_pytorch(text):
    assert told(glasstorch, text) == told(torch, text)


def test_copies_are_copies():
    a = np.ones(3)
    glasstorch.from_dlpack(a, copy=True)[0] = 5
    t = glasstorch.ones(3)
    np.from_dlpack(t, copy=True)[0] = 5
    assert a[0] == t[0] == 1


def test_results_that_run_backwards_leave_in_order():
    assert torch.from_dlpack(glasstorch.arange(6).reshape(2, 3).flip(0, 1)).tolist() == [[5, 4, 3], [2, 1, 0]]
    assert torch.from_dlpack(glasstorch.arange(6).reshape(2, 3).rot90()).tolist() == [[2, 5], [1, 4], [0, 3]]


def test_negative_strides_are_refused():
    """PyTorch ends the process here."""
    with pytest.raises(ValueError, match="negative strides"):
        glasstorch.from_dlpack(np.ones(3)[::-1])
