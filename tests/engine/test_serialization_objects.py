"""What else is in files: whole schedules, generators, named results, layouts, functions, NumPy's values, both ways."""

from __future__ import annotations

import argparse
import collections
import importlib
import inspect
import io
import pickle
import threading
import warnings
from typing import Any

import glasstorch
import numpy as np
import pytest
from glasstorch import safetensors
from glasstorch.serialization.names import file_name, find
from support.differential import raises_alike, to_numpy
from support.files import saved

torch = pytest.importorskip("torch")


def through(writer, reader, obj: Any, **options: Any) -> Any:
    """The object after a file: written by one, read by the other."""
    return reader.load(io.BytesIO(saved(writer, obj, **options)), weights_only=False)


WAYS = [(torch, glasstorch), (glasstorch, torch), (glasstorch, glasstorch)]
ways = pytest.mark.parametrize(("writer", "reader"), WAYS, ids=["theirs-ours", "ours-theirs", "ours-ours"])
protocols = pytest.mark.parametrize("protocol", [2, 3, 4, 5])


def schedules(E, opt) -> dict[str, Any]:
    S = E.optim.lr_scheduler
    return {
        "triangular": S.CyclicLR(opt, 0.1, 1.0, 2),
        "triangular2": S.CyclicLR(opt, 0.1, 1.0, 2, mode="triangular2"),
        "exp_range": S.CyclicLR(opt, 0.1, 1.0, 2, mode="exp_range", gamma=0.9),
        "one cycle": S.OneCycleLR(opt, 1.0, 10),
        "plateau": S.ReduceLROnPlateau(opt, patience=0),
        "swa": E.optim.swa_utils.SWALR(opt, 0.01, 3),
        "swa on a line": E.optim.swa_utils.SWALR(opt, 0.01, 3, "linear"),
        "cosine": S.CosineAnnealingWarmRestarts(opt, 3),
    }


@ways
@pytest.mark.parametrize("name", list(schedules(torch, torch.optim.SGD([torch.ones(1)], 0.1, momentum=0.9))))
def test_whole_schedules_go_on(writer, reader, name: str) -> None:
    def make(E):
        return schedules(E, E.optim.SGD([E.ones(1)], 0.1, momentum=0.9))[name]

    def rates(schedule) -> list[float]:
        out = []
        for _ in range(4):
            schedule.optimizer.step()
            schedule.step(*([1.0] if name == "plateau" else []))
            out.append(float(schedule.optimizer.param_groups[0]["lr"]))
        return out

    first = make(writer)
    before = rates(first)
    got = through(writer, reader, first)
    assert list(got.state_dict()) == list(first.state_dict())
    np.testing.assert_allclose(before + rates(got), rates(again := make(torch)) + rates(again), rtol=1e-12)


@ways
@protocols
def test_functions_layouts_and_named_results(writer, reader, protocol: int) -> None:
    E, F = writer, writer.nn.functional
    functions = [E.tanh, E.relu, F.gelu, F.relu, E.special.bessel_j0, E.linalg.norm, E.fft.fft, E.sigmoid]
    if writer is torch and protocol < 4:
        functions.remove(E.fft.fft)
    result = E.arange(6.0).reshape(2, 3).max(1)
    kinds = [E.strided, E.float16, E.Size([2]), E.device("cpu")]
    got_result, got_kinds, got_functions = through(
        writer, reader, [result, kinds, functions], pickle_protocol=protocol
    )
    assert type(got_result) is reader.return_types.max
    assert got_result.values.tolist() == [2, 5]
    assert got_result.indices.tolist() == [2, 2]
    assert [str(k).replace("glasstorch", "torch") for k in got_kinds] == [str(k) for k in kinds]
    assert got_kinds[0] is reader.strided
    names = [
        f.__name__.removeprefix("linalg_").removeprefix("fft_").removeprefix("special_") for f in functions
    ]
    assert [
        f.__name__.removeprefix("linalg_").removeprefix("fft_").removeprefix("special_")
        for f in got_functions
    ] == names
    x = np.array([0.3, 0.7])
    for ours, theirs in zip(got_functions, functions, strict=True):
        np.testing.assert_allclose(
            np.asarray(ours(reader.tensor(x)).tolist()), np.asarray(theirs(writer.tensor(x)).tolist())
        )
    if protocol >= 4 and writer is glasstorch:  # PyTorch writes it with whatever module is loaded first
        assert through(writer, reader, E.channels_last, pickle_protocol=protocol) is reader.channels_last


@pytest.mark.parametrize("E", [torch, glasstorch])
def test_a_layout_may_be_in_a_file_that_is_not_trusted(E) -> None:
    for reader in (torch, glasstorch):
        assert reader.load(io.BytesIO(saved(E, [E.strided])))[0] is reader.strided


@ways
def test_generators_go_on(writer, reader) -> None:
    first = writer.Generator().manual_seed(5)
    writer.rand(3, generator=first)
    got = through(writer, reader, first)
    assert got.initial_seed() == 5
    want = writer.randn(20, generator=first).tolist()
    assert reader.randn(20, generator=got).tolist() == want


@ways
@pytest.mark.parametrize("new", [True, False])
def test_noted_conjugates(writer, reader, new: bool) -> None:
    t = writer.tensor([1 + 2j, 3 - 1j])
    for noted in (t.conj(), t.conj().imag, t.conj().imag[1:]):
        got = through(writer, reader, {"t": noted}, _use_new_zipfile_serialization=new)["t"]
        assert got.tolist() == noted.tolist()


@protocols
@pytest.mark.parametrize("new", [True, False])
def test_what_needs_trust(protocol: int, new: bool) -> None:
    obj = {
        "arrays": [np.arange(6.0).reshape(2, 3), np.asfortranarray(np.ones((2, 3))), np.array([1, None])],
        "scalars": [
            np.float64(1.5),
            np.float32(0.5),
            np.int64(3),
            np.bool_(True),
            np.datetime64("2020-01-01"),
        ],
        "bytes": [b"\x00\xff", bytearray(b"ab")],
        "options": argparse.Namespace(lr=0.1),
        "default": collections.defaultdict(list, a=[1]),
        "tensor": torch.ones(2),
    }
    file = saved(torch, obj, pickle_protocol=protocol, _use_new_zipfile_serialization=new)
    ours, theirs = (E.load(io.BytesIO(file), weights_only=False) for E in (glasstorch, torch))
    assert ours.pop("tensor").tolist() == theirs.pop("tensor").tolist()
    assert repr(ours) == repr(theirs)
    assert [a.flags.f_contiguous for a in ours["arrays"]] == [a.flags.f_contiguous for a in theirs["arrays"]]
    for E in (glasstorch, torch):
        with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
            E.load(io.BytesIO(file))


@pytest.mark.parametrize("writer", [torch, glasstorch])
def test_a_scaler_with_what_it_has_seen(writer) -> None:
    scaler = writer.amp.GradScaler("cpu", init_scale=4.0)
    scaler.scale(writer.ones(1))
    for reader in (torch, glasstorch):
        assert through(writer, reader, scaler).state_dict() == scaler.state_dict()


def distributions(E) -> list[Any]:
    D, one = E.distributions, E.ones(2)
    return [
        D.Normal(0 * one, one), D.Categorical(logits=one), D.MultivariateNormal(0 * one, E.eye(2)), D.StudentT(one),
        D.Independent(D.Normal(0 * one, one), 1), D.Beta(one, one), D.FisherSnedecor(one + 2, one + 2),
    ]  # fmt: skip


@ways
def test_distributions(writer, reader) -> None:
    got = through(writer, reader, distributions(writer))
    for mine, plain in zip(got, distributions(reader), strict=True):
        assert type(mine) is type(plain)
        x = reader.zeros(()) if type(mine) is reader.distributions.Categorical else plain.mean
        x = reader.ones(2) if x.isnan().any() else x
        np.testing.assert_allclose(to_numpy(mine.log_prob(x)), to_numpy(plain.log_prob(x)))


@pytest.mark.parametrize("path", ["distributions", "utils.data", "utils.checkpoint", "fft"])
def test_names_in_files_are_found_by_pytorch(path: str) -> None:
    ours, theirs = (importlib.import_module(f"{E.__name__}.{path}") for E in (glasstorch, torch))
    checked = 0
    for name, obj in vars(ours).items():
        real = getattr(theirs, name, None)
        if name.startswith("_") or real is None or not (inspect.isclass(obj) or inspect.isfunction(obj)):
            continue
        named = file_name(obj)
        if named is None:
            continue
        found = getattr(importlib.import_module(named[0]), named[1])
        assert found is real or found == real, name
        if inspect.isclass(obj):
            assert find(real.__module__, real.__qualname__) is obj
        checked += 1
    assert checked >= 1


def test_strides_of_single_elements_are_kept() -> None:
    odd = torch.ones(6).as_strided((2, 1, 3), (3, 777, 1))
    for new in (True, False):
        got = glasstorch.load(io.BytesIO(saved(torch, odd, _use_new_zipfile_serialization=new)))
        assert got.stride() == odd.stride() == (3, 777, 1)
        assert torch.load(io.BytesIO(saved(glasstorch, got))).stride() == (3, 777, 1)


def test_files_open_for_reading_begin_where_they_stand(tmp_path) -> None:
    path, numbers = tmp_path / "m.pt", torch.arange(50_000)
    with open(path, "wb") as f:
        f.write(b"before")
        torch.save({"w": numbers}, f, _use_new_zipfile_serialization=False)
        torch.save([numbers], f, _use_new_zipfile_serialization=False)
    with open(path, "rb") as f:
        assert f.read(6) == b"before"
        assert glasstorch.load(f)["w"][-1].item() == 49_999
        assert glasstorch.load(f)[0].sum().item() == numbers.sum().item()
        assert f.read() == b""
    torch.save([numbers], path)
    for buffering in (0, -1):
        with open(path, "rb", buffering=buffering) as f:
            assert glasstorch.load(f)[0].sum().item() == numbers.sum().item()


def test_several_threads_read_at_once() -> None:
    t = torch.tensor([1 + 2j]).conj()
    file = saved(torch, [t, torch.arange(1000.0)], _use_new_zipfile_serialization=False)
    got: list[Any] = []

    def read() -> None:
        for _ in range(20):
            got.append(glasstorch.load(io.BytesIO(file)))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(g[0].item(), g[1].sum().item()) for g in got} == {(1 - 2j, 499_500.0)}
    assert len(got) == 80


def test_safetensors_are_mapped(tmp_path) -> None:
    path = tmp_path / "m.safetensors"
    safetensors.save_file(
        {"a": glasstorch.arange(1000.0), "b": glasstorch.ones(3, dtype=glasstorch.bool)}, path
    )
    before = path.read_bytes()
    got = safetensors.load_file(path)
    got["a"][0] = 7.0
    got["b"][0] = False
    assert path.read_bytes() == before
    assert safetensors.load_file(path)["a"][0].item() == 0
    safetensors.save_file(got, path)
    assert got["a"][[0, 999]].tolist() == [7, 999]
    assert safetensors.load_file(path)["b"].tolist() == [False, True, True]
    assert got["a"].untyped_storage().nbytes() == 4000
    data = bytearray(before)
    both = safetensors.load(bytes(data))
    both["a"][1] = -1
    assert bytes(data) == before


def test_safetensors_that_begin_at_odd_places(tmp_path) -> None:
    import json
    import struct

    head = {
        "x": {"dtype": "U8", "shape": [3], "data_offsets": [0, 3]},
        "y": {"dtype": "F64", "shape": [2], "data_offsets": [3, 19]},
        "z": {"dtype": "BOOL", "shape": [2], "data_offsets": [19, 21]},
    }
    text = json.dumps(head).encode()
    body = bytes([1, 2, 3]) + struct.pack("<2d", 0.5, 1.5) + bytes([7, 0])
    path = tmp_path / "odd.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)
    got = safetensors.load_file(path)
    assert [got[k].tolist() for k in "xyz"] == [[1, 2, 3], [0.5, 1.5], [True, False]]
    assert got["y"].exp_().tolist() == np.exp([0.5, 1.5]).tolist()


@pytest.mark.parametrize("E", [torch, glasstorch])
def test_the_environment_decides_whom_to_trust(E, monkeypatch: pytest.MonkeyPatch) -> None:
    file = saved(E, collections.deque([1]))
    monkeypatch.setenv("TORCH_FORCE_WEIGHTS_ONLY_LOAD", "1")
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        E.load(io.BytesIO(file), weights_only=False)
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "yes")
    with pytest.raises(RuntimeError, match="Only one of `TORCH_FORCE_WEIGHTS_ONLY_LOAD`"):
        E.load(io.BytesIO(file))
    monkeypatch.delenv("TORCH_FORCE_WEIGHTS_ONLY_LOAD")
    with pytest.warns(UserWarning, match="TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD detected"):
        assert E.load(io.BytesIO(file)) == collections.deque([1])
    with pytest.raises(pickle.UnpicklingError):
        E.load(io.BytesIO(file), weights_only=True)


@pytest.mark.parametrize("E", [torch, glasstorch])
def test_hooks_of_tensors_are_not_saved(E) -> None:
    hooks = importlib.import_module(f"{E.__name__}.utils.hooks")
    t = E.ones(1, requires_grad=True)
    t.register_hook(hooks.unserializable_hook(lambda g: g))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        saved(E, t)
    handle = t.register_hook(lambda g: g)
    assert isinstance(handle, hooks.RemovableHandle)
    with pytest.warns(UserWarning, match="on tensor will not be serialized"):
        file = saved(E, t)
    assert glasstorch.load(io.BytesIO(file)).requires_grad


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def test_room_for_numbers_to_be_filled_later(tmp_path) -> None:
    path = tmp_path / "m.pt"
    for writer in (torch, glasstorch):
        state = {"w": writer.arange(300_000.0), "b": writer.ones(2, 3).t()}
        with writer.serialization.skip_data():
            writer.save(state, path)
            with pytest.raises(RuntimeError, match="Cannot use skip_data=True with"):
                writer.save(state, path, _use_new_zipfile_serialization=False)
        for reader in (torch, glasstorch):
            got = reader.load(path)
            assert got["w"].shape == (300_000,)
            assert got["b"].stride() == (1, 3)
            assert not got["w"].any()
        writer.save(state, path)
        with glasstorch.serialization.skip_data():
            got = glasstorch.load(path)
        assert got["b"].shape == (3, 2)
        assert not got["w"].any()
        assert glasstorch.load(path)["w"][-1].item() == 299_999


def test_shared_maps_write_to_the_file(tmp_path) -> None:
    import mmap

    path = tmp_path / "m.pt"
    glasstorch.save({"w": glasstorch.zeros(4)}, path)
    with glasstorch.serialization.set_default_mmap_options(mmap.MAP_SHARED):
        assert glasstorch.serialization.get_default_mmap_options() == mmap.MAP_SHARED
        glasstorch.load(path, mmap=True)["w"][1] = 5.0
    assert glasstorch.serialization.get_default_mmap_options() == mmap.MAP_PRIVATE
    glasstorch.load(path, mmap=True)["w"][2] = 6.0
    for E in (glasstorch, torch):
        assert E.load(path)["w"].tolist() == [0, 5, 0, 0]
    raises_alike(lambda E: E.serialization.set_default_mmap_options(17), "Invalid argument in function")


def test_devices_of_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    from glasstorch.serialization import locations

    monkeypatch.setattr(locations, "_packages", [])
    seen = []

    def put(storage: Any, location: str) -> Any:
        seen.append(location)
        return storage if location == "elsewhere" else None

    glasstorch.serialization.register_package(5, lambda s: "elsewhere" if s.nbytes() == 12 else None, put)
    file = saved(glasstorch, [glasstorch.ones(3), glasstorch.ones(2)])
    assert [t.tolist() for t in glasstorch.load(io.BytesIO(file))] == [[1, 1, 1], [1, 1]]
    assert seen == ["elsewhere", "cpu"]
    assert torch.load(io.BytesIO(file), map_location="cpu")[0].tolist() == [1, 1, 1]
    with pytest.raises(RuntimeError, match="don't know how to restore data location"):
        torch.load(io.BytesIO(file))
