"""The formats before PyTorch 1.6, and pickles that Python 2 and early versions wrote."""

from __future__ import annotations

import io
import pickle
import struct
import tarfile

import glasstorch
import pytest
from support.differential import equal

torch = pytest.importorskip("torch")


def stream(body: bytes, storages: dict[str, tuple[int, bytes]]) -> bytes:
    head = [0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True}]
    out = b"".join(pickle.dumps(part, 2) for part in head) + body + pickle.dumps(list(storages), 2)
    return out + b"".join(struct.pack("<q", n) + raw for n, raw in storages.values())


def text(s: str) -> bytes:
    return b"X" + struct.pack("<I", len(s)) + s.encode()


def storage(key: str, numel: int, tail: bytes = b"N", cls: str = "FloatStorage", old: bool = False) -> bytes:
    say = (lambda s: b"U" + bytes([len(s)]) + s.encode()) if old else text  # Python 2's strings
    return (
        b"("
        + say("storage")
        + b"ctorch\n"
        + cls.encode()
        + b"\n"
        + say(key)
        + say("cpu")
        + b"K"
        + bytes([numel])
        + tail
        + b"tQ"
    )


FLOATS = struct.pack("<6f", *range(6))


def both(data: bytes) -> tuple:
    return glasstorch.load(io.BytesIO(data)), torch.load(io.BytesIO(data))


def test_view_metadata() -> None:
    """A storage that is a part of another: (key of the part, offset, length)."""
    part = b"(" + text("p") + b"K\x02K\x03t"
    body = (
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\nq\x00("
        + storage("a", 6, part)
        + b"K\x00K\x03\x85K\x01\x85\x89NtR"
    )
    body += b"h\x00(" + storage("a", 6) + b"K\x00K\x06\x85K\x01\x85\x89NtR\x86."
    ours, theirs = both(stream(body, {"a": (6, FLOATS)}))
    for a, b in zip(ours, theirs, strict=True):
        equal(a, b, "part")
    ours[0][0] = 50
    assert ours[1].tolist() == [0, 1, 50, 3, 4, 5]


def test_first_rebuild_function_and_python_2_strings() -> None:
    body = (
        b"\x80\x02ctorch._utils\n_rebuild_tensor\n("
        + storage("a", 6, old=True)
        + b"K\x01(K\x02K\x02t(K\x02K\x01ttR."
    )
    ours, theirs = both(stream(body, {"a": (6, FLOATS)}))
    equal(ours, theirs, "tensor")


def test_ordered_dict_of_python_2() -> None:
    """It wrote the items as an argument: OrderedDict([[key, value], …])."""
    items = b"]q\x01(" + text("b") + b"K\x01e]q\x02(" + text("a") + b"K\x02e"
    body = b"\x80\x02ccollections\nOrderedDict\n]q\x00(" + items + b"e\x85R."
    ours, theirs = both(stream(body, {}))
    assert ours == theirs
    assert list(ours) == ["b", "a"]


def test_tensor_filled_by_its_state() -> None:
    body = b"\x80\x02ctorch\nFloatTensor\n)\x81(" + storage("a", 6) + b"K\x01K\x05\x85K\x01\x85tb."
    data = stream(body, {"a": (6, FLOATS)})
    assert glasstorch.load(io.BytesIO(data)).tolist() == [1, 2, 3, 4, 5]


def test_one_file_after_the_other() -> None:
    f = io.BytesIO()
    for k in range(3):
        glasstorch.save({"k": k, "t": glasstorch.full((k,), 1.0)}, f, _use_new_zipfile_serialization=False)
    f.seek(0)
    assert [glasstorch.load(f)["k"] for _ in range(3)] == [0, 1, 2]
    f.seek(0)
    assert [torch.load(f)["k"] for _ in range(3)] == [0, 1, 2]


def test_all_element_types() -> None:
    names = ["float64", "float16", "bfloat16", "int64", "int8", "uint8", "bool", "complex64"]
    f = io.BytesIO()
    theirs = {n: torch.tensor([0, 1, 1]).to(getattr(torch, n)) for n in names}
    torch.save(theirs, f, _use_new_zipfile_serialization=False)
    ours = glasstorch.load(io.BytesIO(f.getvalue()))
    for n in names:
        equal(ours[n], theirs[n], n)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.replace(struct.pack("<q", 6), struct.pack("<q", 5)), "wrong byte size"),
        (lambda d: d.replace(struct.pack("<q", 6), struct.pack("<q", -6)), "wrong byte size"),
        (lambda d: d.replace(b"\xe9\x03", b"\xe8\x03"), "Invalid protocol version"),
        (lambda d: d.replace(b"\x6c\xfc\x9c\x46", b"\x6c\xfc\x9c\x47"), "Invalid magic number"),
        (lambda d: d.replace(text("a") + b"\x85", text("b") + b"\x85"), "was not announced"),
        (lambda d: d[:-3], "3 more bytes"),
    ],
)
def test_broken(change, says: str) -> None:
    body = (
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(" + storage("a", 6) + b"K\x00K\x06\x85K\x01\x85\x89NtR."
    )
    whole = stream(body, {"a": (6, FLOATS)})
    whole = whole.replace(pickle.dumps(["a"], 2), b"\x80\x02" + text("a") + b"\x85.")
    assert glasstorch.load(io.BytesIO(whole)).tolist() == [0, 1, 2, 3, 4, 5]
    data = change(whole)
    assert data != whole
    with pytest.raises((RuntimeError, EOFError), match=says):
        glasstorch.load(io.BytesIO(data))


def tar_file() -> bytes:
    """Two tensors over one storage, in the format of PyTorch 0.1."""
    parts = {
        "storages": pickle.dumps(1, 2)
        + b"\x80\x02"
        + b"(K\x07"
        + text("cpu")
        + b"ctorch\nFloatStorage\nt."
        + struct.pack("<q", 6)
        + FLOATS
        + pickle.dumps([(8, 7, 2, 4)], 2),
        "tensors": pickle.dumps(2, 2)
        + b"\x80\x02(K\x01K\x07ctorch\nFloatTensor\nt."
        + struct.pack("<ii5q", 2, 0, 2, 3, 3, 1, 0)
        + b"\x80\x02(K\x02K\x08ctorch\nFloatTensor\nt."
        + struct.pack("<ii3q", 1, 0, 3, 1, 1),
        "pickle": b"\x80\x02}(" + text("w") + text("1") + b"Q" + text("v") + text("2") + b"Qu.",
    }
    f = io.BytesIO()
    with tarfile.open(fileobj=f, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return f.getvalue()


def test_tar(tmp_path) -> None:
    path = tmp_path / "old.pt"
    path.write_bytes(tar_file())
    with pytest.raises(RuntimeError, match=r"legacy .tar format"):
        glasstorch.load(path)
    ours, theirs = (E.load(path, weights_only=False) for E in (glasstorch, torch))
    for k in theirs:
        equal(ours[k], theirs[k], k)
    assert ours["v"].tolist() == [3, 4, 5]
    assert ours["v"].data_ptr() - ours["w"].data_ptr() == 12
