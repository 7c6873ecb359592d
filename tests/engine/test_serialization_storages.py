"""Storages, and files in the safetensors format, against PyTorch and the safetensors package."""

from __future__ import annotations

import io
import pathlib
import struct

import glasstorch
import numpy as np
import pytest
from support.differential import equal, raises_alike, to_numpy
from support.files import DTYPES, saved

torch = pytest.importorskip("torch")


def numbers(E):
    return {d: (E.arange(6).reshape(2, 3) % 3).to(getattr(E, d)) for d in DTYPES}


def test_storages() -> None:
    def facts(E):
        x = E.arange(6.0).reshape(2, 3)
        s = x[1:].untyped_storage()
        typed = E.storage.TypedStorage(wrap_storage=s, dtype=E.float32)
        y = E.zeros(0).set_(typed, 1, (2, 2), (3, 1))
        s[0] = 7
        return [
            s.nbytes(),
            len(s),
            s.data_ptr() == x.data_ptr(),
            list(s[8:12]),
            x[0, 0].item() > 0,
            typed.tolist()[1:],
            len(typed),
            typed.dtype == E.float32,
            isinstance(typed, E.FloatStorage),
            isinstance(typed, E.LongStorage),
            y.tolist()[1],
            E.is_storage(s),
            E.is_storage(x),
            E.UntypedStorage([1, 2]).tolist(),
            E.IntStorage([1, 2]).tolist(),
            s.clone().data_ptr() == s.data_ptr(),
            typed.half().tolist()[1:],
            repr(E.UntypedStorage([5])),
            repr(E.BoolStorage([True])),
            typed[2],
            x.storage_type().__name__,
        ]

    assert facts(glasstorch) == facts(torch)
    raises_alike(lambda E: E.ones(2).untyped_storage()[9], "out of range")
    with pytest.raises(
        RuntimeError, match="out of bounds for storage of size 12"
    ):  # PyTorch's memory would grow
        glasstorch.zeros(0).set_(glasstorch.ones(3).untyped_storage(), 0, (2, 3), (3, 1))
    got = glasstorch.load(io.BytesIO(saved(torch, torch.ones(2).untyped_storage())))
    assert got.nbytes() == 8
    theirs = torch.load(
        io.BytesIO(saved(glasstorch, [glasstorch.ones(2).storage(), glasstorch.ones(1).untyped_storage()]))
    )
    assert theirs[0].tolist() == [1, 1]
    assert theirs[1].nbytes() == 4


def test_offsets_count_from_the_memorys_start() -> None:
    def offsets(E):
        x = E.arange(24.0).reshape(2, 3, 4)
        views = [
            x[1:],
            x[1:].detach(),
            x[1].data,
            x[:, 1],
            E.nn.Parameter(x[1]),
            x.unbind(0)[1],
            x[1].t(),
            x[1:].clone(),
            x[1] + 1,
        ]
        for v in views:
            start = v.untyped_storage().data_ptr()
            assert v.data_ptr() == start + v.storage_offset() * v.element_size()
        return [v.storage_offset() for v in views], x[1:].detach().as_strided((2,), (1,)).tolist()

    assert offsets(glasstorch) == offsets(torch)


def test_storages_over_files_and_buffers(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "bytes"

    def facts(E):
        path.write_bytes(b"abcd")
        shared = E.UntypedStorage.from_file(str(path), True, 8)
        shared[0] = 120
        seen = [shared.tolist()]
        own = E.UntypedStorage.from_file(str(path), False, 4)
        own[1] = 0
        floats = E.FloatStorage.from_buffer(struct.pack(">2f", 1.5, 2.0), byte_order="big")
        return [*seen, own.tolist(), path.read_bytes(), floats.tolist()]

    assert facts(glasstorch) == facts(torch)


def test_safetensors(tmp_path: pathlib.Path) -> None:
    st = pytest.importorskip("safetensors.torch")
    path = tmp_path / "x.safetensors"
    theirs = {k: v for k, v in numbers(torch).items() if not k.startswith("complex")} | {
        "scalar": torch.tensor(2.0)
    }
    st.save_file(theirs, path, metadata={"format": "pt"})
    ours = glasstorch.safetensors.load_file(path)
    for k, v in theirs.items():
        equal(ours[k], v, k)
    with glasstorch.safetensors.safe_open(path) as f:
        assert f.metadata() == {"format": "pt"}
        assert f.keys() == sorted(theirs)
    glasstorch.safetensors.save_file(ours, path, metadata={"a": "b"})
    back = st.load_file(path)
    for k, v in theirs.items():
        equal(ours[k], back[k], k)
        np.testing.assert_array_equal(to_numpy(v), to_numpy(back[k]))
    assert glasstorch.safetensors.load(glasstorch.safetensors.save(ours)).keys() == back.keys()
    base = glasstorch.ones(4)
    with pytest.raises(RuntimeError, match="share memory"):
        glasstorch.safetensors.save({"a": base, "b": base[1:]})
    with pytest.raises(ValueError, match="non contiguous"):
        glasstorch.safetensors.save({"a": glasstorch.ones(2, 3).t()})
