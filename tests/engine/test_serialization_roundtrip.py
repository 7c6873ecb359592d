"""Files both ways: what we save, PyTorch opens with ``weights_only=True``; what PyTorch saves, we open."""

from __future__ import annotations

import collections
import inspect
import io
import pathlib
import pickle
import zipfile

import glasstorch
import numpy as np
import pytest
from support import standin
from support.differential import equal, raises_alike, to_numpy
from support.files import DTYPES, saved

torch = pytest.importorskip("torch")


def alike(ours, theirs, what="file") -> None:
    """Assert that two loaded objects agree in structure, types and values."""
    if isinstance(theirs, torch.Tensor):
        equal(ours, theirs, what)
        assert ours.requires_grad == theirs.requires_grad, what
        assert type(ours).__name__ == type(theirs).__name__, what
        assert not theirs.numel() or tuple(ours.stride()) == tuple(theirs.stride()), what
    elif isinstance(theirs, dict):
        assert type(ours).__name__ == type(theirs).__name__, what
        assert list(ours) == list(theirs), what
        for k in theirs:
            alike(ours[k], theirs[k], f"{what}[{k!r}]")
    elif isinstance(theirs, (list, tuple)) and type(theirs).__name__ != "Size":
        assert type(ours).__name__ == type(theirs).__name__, what
        assert len(ours) == len(theirs), what
        for k, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            alike(a, b, f"{what}[{k}]")
    else:
        assert repr(ours) == repr(theirs), what


def numbers(E):
    return {d: (E.arange(6).reshape(2, 3) % 3).to(getattr(E, d)) for d in DTYPES}


def layouts(E):
    base = E.arange(12.0).reshape(3, 4)
    return [
        base.t(),
        base[1:, 1:3],
        base[::2, ::3],
        E.ones(1, 3).expand(4, 3),
        base.view(-1),
        E.zeros(0),
        E.zeros(2, 0, 3),
        E.tensor(3.5),
        base.permute(1, 0)[1],
    ]


def containers(E):
    return {
        "ordered": collections.OrderedDict(b=1, a=E.ones(1)),
        7: (1, 2.5, None, True, [2**70, -(2**40)]),
        "size": E.Size([2, 3]),
        "dtype": E.bfloat16,
        "device": E.device("cpu"),
        "set": {1, 2},
        "bytes": b"\x00\xff",
        "complex": 1 + 2j,
        "text": "é\u4e2d",
        "bytearray": bytearray(b"ab"),
        "empty": {},
        "count": collections.Counter("aab"),
        "parameter": E.nn.Parameter(E.ones(2)),
        "frozen": E.nn.Parameter(E.ones(2), requires_grad=False),
        "leaf": E.ones(2, requires_grad=True),
    }


def training(E):
    E.manual_seed(0)
    net = E.nn.Sequential(
        E.nn.Conv2d(3, 4, 3), E.nn.BatchNorm2d(4), E.nn.ReLU(), E.nn.Flatten(), E.nn.Linear(4, 2)
    )
    opt = E.optim.AdamW(net.parameters(), lr=0.01)
    for _ in range(2):
        opt.zero_grad()
        net(E.ones(2, 3, 3, 3)).sum().backward()
        opt.step()
    plan = E.optim.lr_scheduler.StepLR(opt, 2)
    return {"model": net.state_dict(), "optimizer": opt.state_dict(), "scheduler": plan.state_dict()}


@pytest.mark.parametrize("make", [numbers, layouts, containers, training])
@pytest.mark.parametrize("new", [True, False])
def test_both_ways(make, new: bool) -> None:
    theirs, ours = make(torch), make(glasstorch)
    if make is numbers and not new:  # PyTorch's legacy reader does not know them
        theirs, ours = (
            {k: v for k, v in d.items() if not k.startswith("uint") or k == "uint8"} for d in (theirs, ours)
        )
    alike(glasstorch.load(io.BytesIO(saved(torch, theirs, _use_new_zipfile_serialization=new))), theirs)
    file = saved(glasstorch, ours, _use_new_zipfile_serialization=new)
    alike(ours, torch.load(io.BytesIO(file), weights_only=True))
    alike(glasstorch.load(io.BytesIO(file)), torch.load(io.BytesIO(file)))


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize(
    ("writer", "reader"), [(torch, glasstorch), (glasstorch, torch), (glasstorch, glasstorch)]
)
def test_shared_memory_stays_shared(writer, reader, new: bool) -> None:
    base = writer.arange(12.0).reshape(3, 4)
    weight = writer.nn.Parameter(base.clone())
    got = reader.load(
        io.BytesIO(
            saved(
                writer,
                [base, base[0], base.t(), weight, weight, base.detach()[2]],
                _use_new_zipfile_serialization=new,
            )
        )
    )
    got[0][2, 1] = 99.0
    assert float(got[2][1, 2]) == 99.0
    assert float(got[5][1]) == 99.0
    assert got[3] is got[4]
    assert got[1].untyped_storage().data_ptr() == got[0].data_ptr()
    assert got[5].untyped_storage().nbytes() == 48


def test_half_precision_complex_numbers() -> None:
    theirs = torch.tensor([1 + 2j, 3 - 1j]).to(torch.complex32)
    ours = glasstorch.load(io.BytesIO(saved(torch, [theirs, theirs[1:]])))
    assert ours[1].dtype is glasstorch.complex32
    assert ours[1].storage_offset() == 1
    back = torch.load(io.BytesIO(saved(glasstorch, ours)))
    assert back[0].tolist() == theirs.tolist() == ours[0].tolist()


def test_attributes_and_buffers() -> None:
    t = glasstorch.ones(2)
    t.note = "kept"
    p = glasstorch.nn.Parameter(glasstorch.ones(2))
    p.extra = [1, glasstorch.zeros(1)]
    b = glasstorch.nn.Buffer(glasstorch.ones(1), persistent=False)
    file = saved(glasstorch, [t, p, b])
    for E in (torch, glasstorch):
        got = E.load(io.BytesIO(file))
        assert got[0].note == "kept"
        assert got[1].extra[0] == 1
        assert isinstance(got[1], E.nn.Parameter)
        assert got[2].persistent is False
        assert isinstance(got[2], E.nn.Buffer)


def test_backward_strides_are_copied() -> None:
    a = glasstorch.from_numpy(np.arange(6.0).reshape(2, 3))
    a._a = a._a[::-1, ::-1]  # a layout that PyTorch's tensors cannot have
    assert torch.load(io.BytesIO(saved(glasstorch, a))).tolist() == [[5, 4, 3], [2, 1, 0]]


def test_conjugate_of_pytorch_is_resolved() -> None:
    t = torch.tensor([1 + 2j, 3 - 1j])
    for lazy in (t.conj(), t.conj().imag):
        assert glasstorch.load(io.BytesIO(saved(torch, lazy))).tolist() == lazy.tolist()


def test_places_to_save_to(tmp_path: pathlib.Path) -> None:
    obj = {"w": glasstorch.arange(5.0)}
    for where in (tmp_path / "a.pt", str(tmp_path / "b.tar.pt"), tmp_path / "é.pt"):
        glasstorch.save(obj, where)
        for E in (torch, glasstorch):
            assert E.load(where)["w"].tolist() == [0, 1, 2, 3, 4]
    with open(tmp_path / "c.pt", "wb") as f:
        f.write(b"before")
        glasstorch.save(obj, f)
    assert zipfile.ZipFile(tmp_path / "a.pt").namelist()[0] == "a/data.pkl"
    with open(tmp_path / "a.pt", "rb") as f:
        assert glasstorch.load(f)["w"].tolist() == [0, 1, 2, 3, 4]
    raises_alike(lambda E: E.save(1, tmp_path / "none" / "x.pt"), "Parent directory", "does not exist")
    raises_alike(lambda E: E.save(1, 3), "expected 'f' to be string, path, or a file-like object")
    raises_alike(lambda E: E.load(tmp_path / "absent.pt"))
    raises_alike(lambda E: E.load(3), "seek")


def test_records_are_aligned_and_named_as_pytorch_does() -> None:
    file = saved(glasstorch, [glasstorch.ones(3), glasstorch.ones(5)])
    ours, theirs = (
        zipfile.ZipFile(io.BytesIO(file)),
        zipfile.ZipFile(io.BytesIO(saved(torch, [torch.ones(3), torch.ones(5)]))),
    )
    assert ours.namelist() == theirs.namelist()
    assert ours.read("archive/data.pkl") == theirs.read("archive/data.pkl")
    for info in ours.infolist():
        name, extra = (
            int.from_bytes(file[info.header_offset + k : info.header_offset + k + 2], "little")
            for k in (26, 28)
        )
        assert (info.header_offset + 30 + name + extra) % 64 == 0


def test_mmap(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "m.pt"
    for writer in (torch, glasstorch):
        writer.save({"w": writer.arange(1000.0), "b": writer.ones(3).bool()}, path)
        before = path.read_bytes()
        for reader in (torch, glasstorch):
            got = reader.load(path, mmap=True)
            assert got["w"][7] == 7
            assert bool(got["b"].all())
            got["w"][7] = -1  # reaches memory only
        assert path.read_bytes() == before
    torch.save(1, path, _use_new_zipfile_serialization=False)
    raises_alike(lambda E: E.load(path, mmap=True), "mmap can only be used with files saved with")
    raises_alike(
        lambda E: E.load(io.BytesIO(saved(torch, 1)), mmap=True),
        "f must be a file path in order to use the mmap argument",
    )


def test_map_location() -> None:
    file = saved(torch, {"w": torch.ones(2)})
    seen = []

    def keep(storage, location):
        seen.append((storage.nbytes(), location))

    for where in (
        "cpu",
        glasstorch.device("cpu"),
        {"cpu": "cpu"},
        {"cuda:0": "cpu"},
        keep,
        lambda s, at: s.fill_(0),
    ):
        got = glasstorch.load(io.BytesIO(file), map_location=where)["w"]
        assert got.device.type == "cpu"
    assert got.tolist() == [0, 0]
    assert seen == [(8, "cpu")]
    raises_alike(
        lambda E: E.load(io.BytesIO(file), map_location="cuda"),
        "Attempting to deserialize object on a CUDA device",
    )
    raises_alike(
        lambda E: E.load(io.BytesIO(file), map_location="nowhere"), "don't know how to restore data location"
    )
    raises_alike(lambda E: E.load(io.BytesIO(file), map_location=3), "'int' object is not callable")
    on_gpu = file.replace(b"X\x03\x00\x00\x00cpu", b"X\x04\x00\x00\x00cuda")
    fixed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as z, zipfile.ZipFile(fixed, "w") as w:
        for n in z.namelist():
            w.writestr(n, z.read(n).replace(b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:0"))
    assert on_gpu != file
    raises_alike(lambda E: E.load(io.BytesIO(fixed.getvalue())), "map_location=torch.device('cpu')")
    assert glasstorch.load(io.BytesIO(fixed.getvalue()), map_location={"cuda:0": "cpu"})["w"].tolist() == [
        1,
        1,
    ]


@pytest.mark.parametrize("new", [True, False])
def test_tensors_of_a_gpu(new: bool) -> None:
    with standin.installed():
        base = glasstorch.arange(12.0).reshape(3, 4).cuda()
        weight = glasstorch.nn.Parameter(glasstorch.ones(2).cuda())
        file = saved(glasstorch, [base, base[1:], base.t(), weight], _use_new_zipfile_serialization=new)
        got = glasstorch.load(io.BytesIO(file))
        assert {str(t.device) for t in got} == {"cuda:0"}
        got[0][1, 0] = 99.0
        assert got[1][0, 0].item() == got[2][0, 1].item() == 99.0
        here = glasstorch.load(io.BytesIO(file), map_location="cpu")
        assert here[2].tolist() == base.t().tolist()
        assert {t.device.type for t in here} == {"cpu"}
        assert torch.load(io.BytesIO(file), map_location="cpu")[1].tolist() == base[1:].tolist()
        there = glasstorch.load(io.BytesIO(saved(torch, torch.ones(2))), map_location="cuda")
        assert there.device.type == "cuda"
        assert base.untyped_storage().nbytes() == base[1:].untyped_storage().nbytes() == 48
    with pytest.raises(RuntimeError, match="Attempting to deserialize object on a CUDA device"):
        glasstorch.load(io.BytesIO(file))


def modules(E):
    nn = E.nn
    return [
        nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.GELU()).eval(),
        nn.Conv2d(3, 4, 3, padding="same"),
        nn.Embedding(5, 2),
        nn.LayerNorm(4),
        nn.ModuleDict({"a": nn.PReLU()}),
        nn.ParameterList([nn.Parameter(E.ones(2))]),
        nn.Dropout(0.3),
        nn.InstanceNorm2d(3, affine=True),
        nn.CrossEntropyLoss(weight=E.ones(3)),
        nn.Upsample(scale_factor=2),
        nn.LSTM(2, 3, num_layers=2),
        nn.ZeroPad2d(1),
        nn.TransformerEncoderLayer(4, 2, 8, activation=nn.functional.gelu),
        nn.Sequential(
            nn.Softmax(dim=1), nn.Hardtanh(), nn.PixelShuffle(2), nn.MaxPool2d(2), nn.GroupNorm(2, 4)
        ),
    ]


def test_whole_modules_both_ways() -> None:
    ours, theirs = modules(glasstorch), modules(torch)
    file = saved(glasstorch, ours)
    with pytest.raises(
        pickle.UnpicklingError, match=r"Unsupported global: GLOBAL torch.nn.modules.container.Sequential"
    ):
        glasstorch.load(io.BytesIO(file))
    x = np.random.default_rng(0).normal(size=(4, 2)).astype(np.float32)
    for got, want in (
        (torch.load(io.BytesIO(file), weights_only=False), ours),
        (glasstorch.load(io.BytesIO(saved(torch, theirs)), weights_only=False), theirs),
        (glasstorch.load(io.BytesIO(file), weights_only=False), ours),
    ):
        assert [repr(m) for m in got] == [repr(m).replace("glasstorch.", "torch.") for m in want]
        for a, b in zip(got, want, strict=True):
            for (k, v), (name, w) in zip(a.state_dict().items(), b.state_dict().items(), strict=True):
                assert k == name
                np.testing.assert_array_equal(to_numpy(v), to_numpy(w))
        E, F = (torch if isinstance(m[0], torch.nn.Module) else glasstorch for m in (got, want))
        y, z = got[0](E.tensor(x)), want[0](F.tensor(x))
        np.testing.assert_allclose(to_numpy(y), to_numpy(z), rtol=1e-5, atol=1e-6)
        y.sum().backward()
        assert got[0][0].weight.grad is not None


def test_whole_optimizers_both_ways() -> None:
    for first, second in ((torch, glasstorch), (glasstorch, torch)):
        p = first.nn.Parameter(first.ones(2))
        opt = first.optim.Adam([p], lr=0.1)
        p.grad = first.ones(2)
        opt.step()
        got_p, got = second.load(io.BytesIO(saved(first, [p, opt])), weights_only=False)
        assert repr(got) == repr(opt)
        assert got.param_groups[0]["params"][0] is got_p
        for q, o, E in ((p, opt, first), (got_p, got, second)):
            q.grad = E.ones(2) * 2
            o.step()
        np.testing.assert_allclose(to_numpy(got_p), to_numpy(p), rtol=1e-6)


@pytest.mark.parametrize("path", ["nn", "optim", "optim.lr_scheduler"])
def test_classes_carry_pytorchs_names(path: str) -> None:
    from glasstorch.serialization.names import file_name, find

    ours, theirs = glasstorch, torch
    for part in path.split("."):
        ours, theirs = getattr(ours, part), getattr(theirs, part)
    checked = 0
    for name, cls in list(vars(ours).items()):
        real = getattr(theirs, name, None)
        if inspect.isclass(cls) and cls.__module__.startswith("glasstorch") and inspect.isclass(real):
            assert file_name(cls) == (real.__module__, real.__qualname__)
            assert find(real.__module__, real.__qualname__) is cls
            checked += 1
    assert checked >= 10


def test_refusals_are_pytorchs() -> None:
    def two_types(E):
        x = E.ones(2)
        E.save([x, x.view(E.int32)], io.BytesIO())

    raises_alike(
        two_types, "Cannot save multiple tensors or storages that view the same data as different types"
    )
    sparse = saved(torch, torch.eye(2).to_sparse())
    with pytest.raises(RuntimeError, match="holds sparse tensors"):
        glasstorch.load(io.BytesIO(sparse))
    with pytest.raises(
        pickle.UnpicklingError, match=r"type torch.float8_e5m2, which glasstorch does not have"
    ):
        glasstorch.load(io.BytesIO(saved(torch, torch.ones(1).to(torch.float8_e5m2))))
    raises_alike(
        lambda E: E.load(io.BytesIO(saved(E, 1)), weights_only=True, pickle_module=pickle),
        "Can not safely load weights when explicit pickle_module is specified",
    )


def test_settings(tmp_path: pathlib.Path) -> None:
    from glasstorch.utils.serialization import config

    path = tmp_path / "m.pt"
    try:
        config.load.mmap, config.save.storage_alignment = True, 4096
        glasstorch.save([glasstorch.ones(3)], path)
        assert glasstorch.load(path)[0].tolist() == torch.load(path, mmap=True)[0].tolist() == [1, 1, 1]
        glasstorch.save(1, path, _use_new_zipfile_serialization=False)
        with pytest.raises(RuntimeError, match="mmap can only be used"):
            glasstorch.load(path)
    finally:
        config.load.mmap, config.save.storage_alignment = False, 64
    assert glasstorch.load(path) == 1
