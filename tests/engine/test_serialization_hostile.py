"""Hostile and broken files: nothing in them runs, and each gives a clear error in bounded time and memory."""

from __future__ import annotations

import collections
import fractions
import io
import json
import pickle
import struct
import tracemalloc
import zipfile

import glasstorch
import numpy as np
import pytest

torch = pytest.importorskip("torch")

CLEAR = (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError)


def good(legacy: bool = False) -> bytes:
    f = io.BytesIO()
    obj = {"w": torch.arange(1000.0), "n": [1, 2], "v": torch.ones(3, dtype=torch.int64)}
    torch.save(obj, f, _use_new_zipfile_serialization=not legacy)
    return f.getvalue()


def packed(
    pkl: bytes, records: dict[str, bytes] | None = None, compression: int = zipfile.ZIP_STORED
) -> bytes:
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w", compression) as z:
        for name, data in {"data.pkl": pkl, "version": b"3\n", **(records or {})}.items():
            z.writestr("a/" + name, data)
    return f.getvalue()


def load(data: bytes):
    return glasstorch.load(io.BytesIO(data))


class Call:
    def __init__(self, fn, *args) -> None:
        self.fn, self.args = fn, args

    def __reduce__(self):
        return self.fn, self.args


ran: list[int] = []


def trap(*args) -> None:
    ran.append(1)


@pytest.mark.parametrize("wrap", [packed, lambda p: p, lambda p: good(True)[:137] + p])
@pytest.mark.parametrize(
    "make",
    [
        lambda: Call(trap, 1),
        lambda: {"w": [Call(trap)]},
        lambda: Call(eval, "1"),
        lambda: fractions.Fraction(1, 2),
        lambda: Call(getattr, fractions.Fraction, "mro"),
        lambda: Call(collections.OrderedDict.fromkeys, "ab"),
    ],
)
def test_nothing_runs(make, wrap) -> None:
    with pytest.raises(pickle.UnpicklingError, match=r"Unsupported|Weights only load failed"):
        load(wrap(pickle.dumps(make(), 2)))
    assert not ran


@pytest.mark.parametrize(
    "name",
    [
        "torch\nos.system",
        "torch.serialization\nos.system",
        "collections\nOrderedDict.__init__",
        "glasstorch\nsave",
        "torch\nsave",
        "os\nsystem",
        "torch.nn\nLinear",
        "torch._utils\n_rebuild_tensor_v2.__globals__.get",
    ],
)
def test_only_names_on_the_list(name: str) -> None:
    with pytest.raises(pickle.UnpicklingError, match=r"Unsupported global|blocked"):
        load(packed(b"\x80\x02c" + name.encode() + b"\n)R."))


def test_trusted_files_do_run() -> None:
    file = packed(pickle.dumps(Call(trap), 2))
    assert glasstorch.load(io.BytesIO(file), weights_only=False) is None
    assert ran.pop()


def test_safe_globals() -> None:
    file = packed(pickle.dumps(fractions.Fraction(1, 2), 2))
    S = glasstorch.serialization
    with S.safe_globals([fractions.Fraction]):
        assert load(file) == fractions.Fraction(1, 2)
        assert S.get_safe_globals() == [fractions.Fraction]
    assert S.get_safe_globals() == []
    with pytest.raises(
        pickle.UnpicklingError, match=r"GLOBAL fractions.Fraction was not an allowed global by default"
    ):
        load(file)
    S.add_safe_globals([(fractions.Fraction, "fractions.Fraction")])
    assert load(file) == fractions.Fraction(1, 2)
    S.clear_safe_globals()
    assert S.get_safe_globals() == []
    net = glasstorch.nn.Linear(2, 3)
    f = io.BytesIO()
    glasstorch.save(net, f)
    with S.safe_globals([glasstorch.nn.Linear, set, getattr]):
        assert repr(load(f.getvalue())) == repr(net)
    with S.safe_globals([(trap, "os.system")]), pytest.raises(pickle.UnpicklingError, match="blocked"):
        load(packed(b"\x80\x02cos\nsystem\n."))


def test_names_that_would_need_trust() -> None:
    f = io.BytesIO()
    torch.save([fractions.Fraction(1, 2), torch.ones(1), torch.nn.Linear(1, 1)], f)
    names = ["fractions.Fraction", "torch.nn.modules.linear.Linear"]
    for E in (torch, glasstorch):
        f.seek(0)
        assert sorted(E.serialization.get_unsafe_globals_in_checkpoint(f)) == names
    with glasstorch.serialization.safe_globals([fractions.Fraction, glasstorch.nn.Linear]):
        f.seek(0)
        assert glasstorch.serialization.get_unsafe_globals_in_checkpoint(f) == []
    assert (
        glasstorch.serialization.get_unsafe_globals_in_checkpoint(
            io.BytesIO(packed(pickle.dumps(Call(trap), 4)))
        )
        != []
    )
    assert not ran
    with pytest.raises(ValueError, match="Expected input to be a checkpoint"):
        glasstorch.serialization.get_unsafe_globals_in_checkpoint(io.BytesIO(b"hello"))


@pytest.mark.parametrize("legacy", [False, True])
def test_cut_files(legacy: bool) -> None:
    whole = good(legacy)
    for end in sorted({*range(0, 700, 13), *np.linspace(0, len(whole) - 1, 40).astype(int).tolist()}):
        with pytest.raises(CLEAR) as error:
            load(whole[:end])
        assert len(str(error.value)) > 10


@pytest.mark.parametrize("legacy", [False, True])
def test_flipped_bytes(legacy: bool) -> None:
    """Whatever byte is wrong, there is a result or one of the plain errors."""
    whole, rng = good(legacy), np.random.default_rng(0)
    pickled = 700  # the data behind it may hold anything
    for at in range(0, pickled, 3):
        data = bytearray(whole)
        data[at] ^= int(rng.integers(1, 256))
        try:
            load(bytes(data))
        except RecursionError:
            raise  # one of the RuntimeErrors, but not a plain one
        except CLEAR:
            pass


def lie(old: bytes, new: bytes) -> bytes:
    z = zipfile.ZipFile(io.BytesIO(good()))
    records = {n.partition("/")[2]: z.read(n) for n in z.namelist()}
    assert old in records["data.pkl"]
    return packed(records.pop("data.pkl").replace(old, new, 1), records)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"M\xe8\x03\x85", b"M\xf8\x2a\x85", "out of bounds for storage"),
        (b"M\xe8\x03\x85", b"J\xf8\xff\xff\xff\x85", "negative"),
        (b"K\x01\x85", b"K\x09\x85", "out of bounds"),
        (b"K\x01\x85", b"J\xff\xff\xff\xff\x85", "Negative strides"),
        (b"QK\x00", b"QK\x05", "out of bounds"),
        (b"QK\x00", b"QJ\xf0\xff\xff\xff", "negative dimension or offset"),
        (b"M\xe8\x03\x85", b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85", "out of bounds"),
        (b"M\xe8\x03\x85", b"]\x85", "whole numbers"),
        (b"FloatStorage", b"FluxxStorage", "Unsupported global"),
        (b"K\x01\x85", b")\x85", "whole numbers"),
    ],
)
def test_tensors_stay_in_their_memory(old: bytes, new: bytes, says: str) -> None:
    with pytest.raises((RuntimeError, pickle.UnpicklingError), match=says):
        load(lie(old, new))


def text(s: str) -> bytes:
    return b"X" + struct.pack("<I", len(s)) + s.encode()


def number(n: int) -> bytes:
    raw = pickle.encode_long(n)
    return b"\x8a" + bytes([len(raw)]) + raw


def tensor_pickle(numel: int, size: bytes, stride: bytes, key: str = "0") -> bytes:
    storage = (
        b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text(key) + text("cpu") + number(numel) + b"tQ"
    )
    return b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\x00" + size + stride + b"\x89)tR."


def test_many_elements_of_one() -> None:
    """Stride 0 makes any shape of four bytes, as ``expand`` does: a view, which costs nothing."""
    tracemalloc.start()
    big = load(packed(tensor_pickle(1, number(2**40) + b"\x85", b"K\x00\x85"), {"data/0": b"\0" * 4}))
    assert big.shape == (2**40,)
    assert tracemalloc.get_traced_memory()[1] < 10**7
    tracemalloc.stop()
    with pytest.raises((RuntimeError, pickle.UnpicklingError)):
        load(
            packed(
                tensor_pickle(1, b"(" + number(2**40) * 3 + b"t", b"(K\x00K\x00K\x00t"), {"data/0": b"\0" * 4}
            )
        )
    with pytest.raises(RuntimeError, match="at most 64"):
        load(
            packed(
                tensor_pickle(1, b"(" + b"K\x01" * 70 + b"t", b"(" + b"K\x01" * 70 + b"t"),
                {"data/0": b"\0" * 4},
            )
        )


def test_announced_memory_is_not_taken() -> None:
    tracemalloc.start()
    for numel in (2**50, -1):
        pkl = tensor_pickle(numel, b"K\x01\x85", b"K\x01\x85")
        with pytest.raises(RuntimeError, match=r"was announced|cannot have"):
            load(packed(pkl, {"data/0": b"\0" * 4}))
        with pytest.raises(RuntimeError, match=r"are announced in a file|cannot have"):
            load(
                good(True)[:137]
                + pkl.replace(b"tQ", b"NtQ")
                + pickle.dumps(["0"], 2)
                + struct.pack("<q", numel)
            )
    for pkl in (b"cbuiltins\nbytearray\n" + number(2**40) + b"\x85R.", b"X\xff\xff\xff\x7fabc."):
        with pytest.raises((pickle.UnpicklingError, EOFError)):
            load(packed(b"\x80\x02" + pkl))
    assert tracemalloc.get_traced_memory()[1] < 10**7
    tracemalloc.stop()


def test_zip_bombs() -> None:
    zeros = b"\0" * (1 << 22)
    pkl = tensor_pickle(1 << 20, number(1 << 20) + b"\x85", b"K\x01\x85")
    ok = packed(pkl, {"data/0": zeros}, zipfile.ZIP_DEFLATED)  # compressed by somebody: PyTorch reads it too
    assert load(ok).shape == (1 << 20,) == tuple(torch.load(io.BytesIO(ok)).shape)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("a/version", b"3\n")
        with z.open("a/data.pkl", "w", force_zip64=True) as f:
            for _ in range(64):
                f.write(zeros)
    tracemalloc.start()
    with pytest.raises(RuntimeError, match="times its size"):
        load(bomb.getvalue())
    assert tracemalloc.get_traced_memory()[1] < 10**8
    tracemalloc.stop()
    # Records that lie over each other: each is as long as the file, together they are many times as long.
    one = packed(b"\x80\x02N.", {"data/0": b"\0" * 4000})
    assert load(one) is None


def test_work_is_bounded() -> None:
    nested = b"\x80\x02)" + b"\x85" * 200_000 + b"."
    assert isinstance(load(packed(nested)), tuple)
    with pytest.raises(pickle.UnpicklingError, match="key in the file is too large"):
        load(packed(b"\x80\x02})" + b"\x85" * 200_000 + b"Ns."))  # hashing it would recurse
    doubled = (
        b"\x80\x02}K\x01"
        + b"".join(b"q" + bytes([k]) + b"h" + bytes([k]) + b"\x86" for k in range(60))
        + b"Ns."
    )
    with pytest.raises(pickle.UnpicklingError, match="key in the file is too large"):
        load(packed(doubled))  # hashing it would take 2**60 steps
    many = (
        b"\x80\x02]q\x00("
        + b"K\x01" * 20_000
        + b"e0ccollections\nCounter\nq\x010("
        + b"h\x01h\x00\x85R" * 20_000
        + b"l."
    )
    with pytest.raises(pickle.UnpicklingError):
        load(packed(many))
    copies = (
        b"\x80\x02(" + b"K\x01" * 20_000 + b"tq\x00cbuiltins\nset\nq\x01" + b"h\x01h\x00\x85R" * 20_000 + b"."
    )
    with pytest.raises(pickle.UnpicklingError, match="again and again"):
        load(packed(copies))


@pytest.mark.parametrize(
    "pkl",
    [
        b"",
        b".",
        b"\x80\x02RRR.",
        b"\x80\x02h\x05.",
        b"\x80\x02(0.",
        b"\x80\x02Q.",
        b"\x80\x02NQ.",
        b"\x80\x02KQ",
        b"\x80\x02)Nb.",
        b"\x80\x02}]]s.",
        b"\x80\x02]N\x85\x85a}b.",
        b"\x80\x99N.",
        b"\x80\x02(K\x01u.",
        b"\x80\x02ctorch\nfloat32\n)R.",
        b"\x80\x02ctorch\nTensor\n)\x81N\x85b.",
        b"\x80\x02\x8a\xff.",
        b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00N.",
        b"\x80\x02c" + b"a" * 600,
    ],
)
def test_programs_that_make_no_sense(pkl: bytes) -> None:
    with pytest.raises((pickle.UnpicklingError, EOFError, RuntimeError)) as error:
        load(packed(pkl))
    assert not isinstance(error.value, RecursionError)
    assert len(str(error.value)) > 10


def test_other_archives() -> None:
    with pytest.raises(RuntimeError, match="TorchScript"):
        load(packed(b"N.", {"constants.pkl": b""}))
    for bad in (packed(b"N.", {"version": b"99"}), packed(b"N.", {"version": b"x"})):
        with pytest.raises(RuntimeError, match="unknown version"):
            load(bad)
    with pytest.raises(ValueError, match="Unknown endianness type"):
        load(packed(b"N.", {"byteorder": b"middle"}))
    big = tensor_pickle(1, b"K\x01\x85", b"K\x01\x85")
    raw = struct.pack(">f", 1.5)
    assert load(packed(big, {"data/0": raw, "byteorder": b"big"})).tolist() == [1.5]
    order = glasstorch.serialization.LoadEndianness
    glasstorch.serialization.set_default_load_endianness(order.BIG)  # for files that do not say
    assert glasstorch.serialization.get_default_load_endianness() is order.BIG
    assert load(packed(big, {"data/0": raw})).tolist() == [1.5]
    glasstorch.serialization.set_default_load_endianness(None)
    assert load(packed(big, {"data/0": raw})).tolist() != [1.5]


def st_bytes(header, data: bytes = b"") -> bytes:
    h = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(h)) + h + data


def entry(dtype: object = "F32", shape: object = (1,), offsets: object = (0, 4)) -> dict:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


@pytest.mark.parametrize(
    "data",
    [
        b"\1\0",
        struct.pack("<Q", 10**6) + b"{}",
        struct.pack("<Q", 2**63) + b"{}",
        st_bytes(b"not json"),
        st_bytes(b"[]"),
        st_bytes({"x": entry(shape=[4], offsets=[0, 16])}, b"\0" * 8),
        st_bytes({"x": entry("F99")}, b"\0" * 4),
        st_bytes({"x": entry(offsets=[-4, 0])}, b"\0" * 4),
        st_bytes({"x": entry(offsets=[4, 8])}, b"\0" * 8),
        st_bytes({"x": entry(), "y": entry()}, b"\0" * 4),
        st_bytes({"x": entry()}, b"\0" * 40),
        st_bytes({"x": 3}),
        st_bytes({"x": entry(shape=[2**40, 2**40])}, b"\0" * 4),
        st_bytes({"x": entry(shape=[True])}, b"\0" * 4),
        st_bytes(
            b'{"x":' + json.dumps(entry()).encode() + b',"x":' + json.dumps(entry()).encode() + b"}",
            b"\0" * 4,
        ),
        st_bytes(b"[" * 100_000),
        st_bytes({"__metadata__": {"a": 1}}),
        st_bytes({"x": entry([1])}, b"\0" * 4),
    ],
)
def test_broken_safetensors(data: bytes, tmp_path) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(data)
    for read in (lambda: glasstorch.safetensors.load(data), lambda: glasstorch.safetensors.load_file(path)):
        with pytest.raises(glasstorch.safetensors.SafetensorError):
            read()
