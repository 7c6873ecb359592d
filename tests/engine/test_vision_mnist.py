"""MNIST from the official files' format: reading, errors, downloading from a server of our own, transforms."""

from __future__ import annotations

import gzip
import lzma
import pickle
import struct
import sys
import zipfile

import glasstorch
import numpy as np
import pytest
from glasstorch.vision import datasets, transforms
from glasstorch.vision.datasets.idx import read_idx, write_idx
from glasstorch.vision.datasets.mnist import read_image_file, read_label_file
from glasstorch.vision.datasets.utils import calculate_md5
from support.web import Page, web_server

rng = np.random.default_rng(0)
IMAGES = rng.integers(0, 256, (5, 28, 28), dtype=np.uint8)
LABELS = np.array([3, 1, 4, 1, 5], np.uint8)


def put(folder, images=IMAGES, labels=LABELS, parts=("train", "t10k"), suffix=""):
    folder.mkdir(parents=True, exist_ok=True)
    for part in parts:
        write_idx(folder / f"{part}-images-idx3-ubyte{suffix}", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte{suffix}", labels)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_official_files(tmp_path, suffix):
    put(tmp_path / "MNIST" / "raw", suffix=suffix)
    d = datasets.MNIST(tmp_path, train=False)
    assert (d.data.dtype, d.targets.dtype) == (glasstorch.uint8, glasstorch.int64)
    np.testing.assert_array_equal(d.data.numpy(), IMAGES)
    assert d.targets.tolist() == LABELS.tolist()
    assert len(d) == 5
    assert d.class_to_idx["7 - seven"] == 7
    assert datasets.MNIST.classes[0] == "0 - zero"


def test_the_written_bytes_are_the_published_format(tmp_path):
    write_idx(tmp_path / "a", IMAGES)
    assert (tmp_path / "a").read_bytes() == struct.pack(">IIII", 2051, 5, 28, 28) + IMAGES.tobytes()
    write_idx(tmp_path / "b", LABELS)
    assert (tmp_path / "b").read_bytes() == struct.pack(">II", 2049, 5) + LABELS.tobytes()


@pytest.mark.parametrize("kind", ["uint8", "int8", "int16", "int32", "float32", "float64"])
def test_every_type_of_number(tmp_path, kind):
    a = rng.normal(size=(3, 2)).astype(kind) * np.dtype(kind).type(3)
    write_idx(tmp_path / "x.gz", a)
    back = read_idx(tmp_path / "x.gz")
    np.testing.assert_array_equal(back, a)
    assert back.dtype == a.dtype
    assert back.flags.writeable


def test_items_are_pillow_images(tmp_path):
    image = pytest.importorskip("PIL.Image")
    put(tmp_path / "MNIST" / "raw")
    picture, label = datasets.MNIST(str(tmp_path))[2]
    assert isinstance(picture, image.Image)
    assert (picture.mode, picture.size, label) == ("L", (28, 28), 4)
    np.testing.assert_array_equal(np.array(picture), IMAGES[2])
    d = datasets.MNIST(tmp_path, transform=transforms.ToTensor(), target_transform=lambda t: -t)
    x, t = d[0]
    assert (tuple(x.shape), x.dtype, t) == ((1, 28, 28), glasstorch.float32, -3)
    np.testing.assert_array_equal(x.numpy()[0], IMAGES[0].astype(np.float32) / np.float32(255))
    batch = next(iter(glasstorch.utils.data.DataLoader(d, 5)))
    assert tuple(batch[0].shape) == (5, 1, 28, 28)


def test_without_pillow(tmp_path, monkeypatch):
    put(tmp_path / "MNIST" / "raw")
    monkeypatch.setitem(sys.modules, "PIL", None)
    d = datasets.MNIST(tmp_path)
    assert d.data.shape == (5, 28, 28)
    with pytest.raises(ImportError, match=r"pip install 'glasstorch\[vision\]'"):
        d[0]


def test_repr_is_torchvisions(tmp_path):
    put(tmp_path / "MNIST" / "raw")
    assert repr(datasets.MNIST(tmp_path)) == (
        f"Dataset MNIST\n    Number of datapoints: 5\n    Root location: {tmp_path}\n    Split: Train"
    )
    both = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    d = datasets.MNIST(str(tmp_path), train=False, transform=both, target_transform=transforms.Lambda(str))
    assert repr(d) == (
        f"Dataset MNIST\n    Number of datapoints: 5\n    Root location: {tmp_path}\n    Split: Test\n"
        "    StandardTransform\nTransform: Compose(\n               ToTensor()\n"
        "               Normalize(mean=(0.1307,), std=(0.3081,))\n           )\nTarget transform: Lambda()"
    )


# ---------------------------------------------------------------- damaged and missing files
def test_missing_files_say_what_to_put_where(tmp_path):
    with pytest.raises(RuntimeError, match=r"Dataset not found. You can use download=True") as e:
        datasets.MNIST(tmp_path)
    assert str(tmp_path / "MNIST" / "raw") in str(e.value)
    assert "t10k-labels-idx1-ubyte.gz" in str(e.value)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda b: b[:-1], "cut short: its header announces 3920 bytes"),
        (lambda b: b + b"!", "too long"),
        (lambda b: b[:9], "cut short"),
        (lambda b: b"", "not an idx file: it starts with nothing"),
        (lambda b: b"<html>Not found</html>", "not an idx file: it starts with 3c 68 74 6d"),
        (lambda b: b"\0\0\x0c\x03" + b[4:], "cut short"),
        (lambda b: gzip.compress(b)[:-20], "damaged"),
        (lambda b: gzip.compress(b)[:50] + b"XXXX" + gzip.compress(b)[54:], "damaged"),
        (lambda b: b"\0\0\x08\x03" + b"\xff" * 12 + b[16:], "cut short"),
    ],
)
def test_damaged_files(tmp_path, damage, words):
    put(tmp_path / "MNIST" / "raw")
    file = tmp_path / "MNIST" / "raw" / "train-images-idx3-ubyte"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match=words) as e:
        datasets.MNIST(tmp_path)
    assert str(file) in str(e.value)


def test_labels_beside_the_classes(tmp_path):
    put(tmp_path / "MNIST" / "raw", labels=np.array([1, 2, 3, 4, 10], np.uint8))
    with pytest.raises(
        RuntimeError, match=r"train-labels-idx1-ubyte holds labels from 1 to 10, .* only 10 classes"
    ):
        datasets.MNIST(tmp_path)


def test_files_that_do_not_fit(tmp_path):
    put(tmp_path / "MNIST" / "raw", labels=LABELS[:4])
    with pytest.raises(RuntimeError, match=r"holds 5 images.* 4 labels"):
        datasets.MNIST(tmp_path)
    write_idx(tmp_path / "flat", LABELS)
    write_idx(tmp_path / "wide", IMAGES.astype(np.int16))
    with pytest.raises(ValueError, match="should have 3 dimensions instead of 1"):
        read_image_file(tmp_path / "flat")
    with pytest.raises(TypeError, match=r"dtype torch.uint8 instead of torch.int16"):
        read_image_file(tmp_path / "wide")
    assert read_label_file(tmp_path / "flat").tolist() == LABELS.tolist()


# ---------------------------------------------------------------- downloading
@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A server with four gzipped files; gives it, its folder and the class to read them with."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    folder = tmp_path / "server"
    put(folder, suffix=".gz")
    with web_server() as server:
        server.pages = {path.name: Page(path.read_bytes()) for path in folder.iterdir()}

        class Digits(datasets.MNIST):
            mirrors = (server.url("missing/"), server.address)
            resources = tuple((name, calculate_md5(folder / name)) for name, _ in datasets.MNIST.resources)

        yield server, folder, Digits


def test_download(tmp_path, mirror):
    _, _, Digits = mirror
    d = Digits(tmp_path / "home", download=True)
    assert d.targets.tolist() == LABELS.tolist()
    raw = tmp_path / "home" / "Digits" / "raw"
    assert len(list(raw.iterdir())) == 8  # as published, and unpacked; no leftovers
    Digits.mirrors = ()
    assert len(Digits(tmp_path / "home", train=False, download=True)) == 5  # nothing to fetch
    (raw / "t10k-images-idx3-ubyte").unlink()
    assert len(Digits(tmp_path / "home", train=False, download=True)) == 5  # unpacked again


def test_ones_own_digits_are_kept(tmp_path, mirror):
    """As the subset that comes with the lessons: gzipped files under the official names."""
    server, _, Digits = mirror
    raw = tmp_path / "home" / "Digits" / "raw"
    put(raw, IMAGES[:2], LABELS[:2], suffix=".gz")
    before = {p.name: p.read_bytes() for p in raw.iterdir()}
    assert Digits(tmp_path / "home", download=True).targets.tolist() == LABELS[:2].tolist()
    assert {p.name: p.read_bytes() for p in raw.iterdir()} == before
    assert server.asked == []


def test_a_wrong_file_never_gets_into_place(tmp_path, mirror):
    server, _, Digits = mirror
    server.pages["train-labels-idx1-ubyte.gz"] = Page(b"other")
    with pytest.raises(RuntimeError, match=r"Error downloading train-labels-idx1-ubyte.gz") as e:
        Digits(tmp_path / "home", download=True)
    assert f"Tried {server.url('missing/')}, got:\nHTTP Error 404" in str(e.value)
    assert "not the official file" in str(e.value)
    left = sorted(p.name for p in (tmp_path / "home" / "Digits" / "raw").iterdir())
    assert left == ["train-images-idx3-ubyte", "train-images-idx3-ubyte.gz"]


def test_offline_says_which_file_to_put_where(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    class Nowhere(datasets.MNIST):
        mirrors = ("http://127.0.0.1:9/",)

    with pytest.raises(RuntimeError, match=r"^Error downloading train-images-idx3-ubyte.gz") as e:
        Nowhere(tmp_path, download=True)
    assert str(e.value).endswith(
        "Without a network: bring train-images-idx3-ubyte.gz (md5 sum f68b3c2dcbeaaa9fbdd348bbdeb94873) from "
        f"elsewhere and put it into {tmp_path / 'Nowhere' / 'raw'}."
    )
    assert not list((tmp_path / "Nowhere" / "raw").iterdir())


# ---------------------------------------------------------------- transforms
def test_to_tensor():
    grey = transforms.ToTensor()(IMAGES[0])
    assert grey.shape == (1, 28, 28)
    colour = transforms.ToTensor()(rng.integers(0, 256, (4, 5, 3), dtype=np.uint8))
    assert (colour.shape, colour.max().item() <= 1) == ((3, 4, 5), True)
    kept = transforms.ToTensor()(np.arange(6.0).reshape(2, 3))
    assert (kept.dtype, kept.max().item()) == (glasstorch.float64, 5)
    with pytest.raises(TypeError, match=r"pic should be PIL Image or ndarray. Got <class 'list'>"):
        transforms.ToTensor()([1])
    with pytest.raises(ValueError, match=r"pic should be 2/3 dimensional. Got 1 dimensions"):
        transforms.ToTensor()(np.zeros(3))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I", "F", "RGB", "RGBA", "CMYK", "YCbCr"])
def test_to_tensor_of_pillow_modes(mode):
    image = pytest.importorskip("PIL.Image")
    picture = image.fromarray(rng.integers(0, 256, (4, 5, 3), dtype=np.uint8)).convert(mode)
    x = transforms.ToTensor()(picture)
    assert x.shape == (len(picture.getbands()), 4, 5)
    assert x.dtype is (glasstorch.int32 if mode == "I" else glasstorch.float32)
    scale = 1 if mode in ("I", "F", "1") else 255
    corner = np.atleast_1d(np.array(picture.getpixel((2, 1)), np.float64)) / (255 if mode == "1" else scale)
    np.testing.assert_allclose(x[:, 1, 2].double().numpy(), corner, rtol=1e-6)


def test_normalize():
    x = glasstorch.arange(8.0).reshape(2, 2, 2)
    y = transforms.Normalize((1, 2), (2, 4))(x)
    np.testing.assert_allclose(y.numpy()[1], (x.numpy()[1] - 2) / 4)
    assert x[0, 0, 0].item() == 0
    z = transforms.Normalize([1.0, 2.0], [2.0, 4.0], inplace=True)(x)
    assert z is x
    assert glasstorch.equal(x, y)
    for bad, kind, words in (
        (lambda: transforms.Normalize(0.5, 0.5)([1]), TypeError, "img should be Tensor Image"),
        (lambda: transforms.Normalize(0.5, 0.5)(x.long()), TypeError, "should be a float tensor"),
        (lambda: transforms.Normalize(0.5, 0.5)(x[0]), ValueError, "tensor image of size"),
        (lambda: transforms.Normalize((0.5,), (0.0,))(x), ValueError, "std evaluated to zero"),
        (lambda: transforms.Lambda(3), TypeError, "Argument lambd should be callable, got 'int'"),
    ):
        with pytest.raises(kind, match=words):
            bad()
    assert transforms.Lambda(lambda v: v + 1)(2) == 3
    assert repr(transforms.Compose([])) == "Compose(\n)"


def test_relatives_have_folders_and_names_of_their_own(tmp_path):
    put(tmp_path / "FashionMNIST" / "raw")
    put(tmp_path / "KMNIST" / "raw", suffix=".gz")
    assert datasets.FashionMNIST(tmp_path).classes[9] == "Ankle boot"
    assert datasets.KMNIST(tmp_path).classes[2] == "su"


# ---------------------------------------------------------------- EMNIST, QMNIST, compared with torchvision
def pair_of(name, *args, **kwargs):
    from support.torchvision_reference import torchvision

    return [getattr(E, name)(*args, **kwargs) for E in (datasets, torchvision.datasets)]


SPLITS = {"byclass": 62, "bymerge": 47, "balanced": 47, "letters": 27, "digits": 10, "mnist": 10}


def put_emnist(folder, suffix=""):
    folder.mkdir(parents=True)
    for split, count in SPLITS.items():
        for part in ("train", "test"):
            name = f"emnist-{split}-{part}"
            write_idx(folder / f"{name}-images-idx3-ubyte{suffix}", IMAGES)
            labels = rng.integers(split == "letters", count, 5).astype(np.uint8)
            write_idx(folder / f"{name}-labels-idx1-ubyte{suffix}", labels)


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("train", [True, False])
def test_emnist(tmp_path, split, train):
    sets = pytest.importorskip("support.image_sets")
    put_emnist(tmp_path / "EMNIST" / "raw")
    for kwargs in ({"train": train}, {"train": train, "transform": np.array, "target_transform": bool}):
        ours, theirs = pair_of("EMNIST", tmp_path, split, **kwargs)
        if "transform" not in kwargs:
            assert repr(ours) == repr(theirs)
        same = (
            "data",
            "targets",
            "classes",
            "class_to_idx",
            "split",
            "train",
            "raw_folder",
            "processed_folder",
        )
        assert [sets.plain(getattr(ours, n)) for n in same] == [sets.plain(getattr(theirs, n)) for n in same]
        assert [sets.plain(ours[i]) for i in range(5)] == [sets.plain(theirs[i]) for i in range(5)]
    assert len(ours.classes) == SPLITS[split]
    assert [*map(str, pickle.loads(pickle.dumps(ours))[3])] == [*map(str, ours[3])]


def test_emnist_download(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    put_emnist(tmp_path / "gzip", suffix=".gz")
    archive = tmp_path / "gzip.zip"
    with zipfile.ZipFile(archive, "w") as z:
        for file in (tmp_path / "gzip").iterdir():
            z.write(file, f"gzip/{file.name}")
    with web_server() as server:
        server.pages["gzip.zip"] = Page(archive.read_bytes())
        monkeypatch.setattr(datasets.EMNIST, "url", server.url("gzip.zip"))
        monkeypatch.setattr(datasets.EMNIST, "md5", calculate_md5(archive))
        d = datasets.EMNIST(tmp_path, "letters", download=True)
        datasets.EMNIST(tmp_path, "digits", train=False, download=True)
        assert len(server.asked) == 1
    assert len(d) == 5
    raw = tmp_path / "EMNIST" / "raw"
    assert sorted(p.name for p in raw.iterdir() if not p.name.startswith("emnist-")) == ["gzip.zip"]


def put_qmnist(folder, what, count):
    folder.mkdir(parents=True, exist_ok=True)
    prefix = "xnist" if what == "nist" else f"qmnist-{what}"
    labels = rng.integers(0, 10, (count, 8)).astype(np.int32)
    write_idx(folder / f"{prefix}-labels-idx2-int", labels)
    write_idx(folder / f"{prefix}-images-idx3-ubyte", rng.integers(0, 256, (count, 4, 4), dtype=np.uint8))


@pytest.mark.parametrize("compat", [True, False])
def test_qmnist(tmp_path, compat):
    sets = pytest.importorskip("support.image_sets")
    for what, count in (("train", 5), ("test", 10_003), ("nist", 4)):
        put_qmnist(tmp_path / "QMNIST" / "raw", what, count)
    for what in ("train", "test", "test10k", "test50k", "nist", None):
        for train in (True, False):
            ours, theirs = pair_of("QMNIST", tmp_path, what, compat, train)
            assert repr(ours) == repr(theirs)
            assert len(ours) == len(theirs) > 0
            assert (ours.data.shape, ours.targets.shape) == (theirs.data.shape, theirs.targets.shape)
            for i in (0, len(ours) - 1):
                assert sets.plain(ours[i]) == sets.plain(theirs[i])


def test_qmnist_download(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    put_qmnist(tmp_path, "nist", 6)
    with web_server() as server:
        files = []
        for name in ("xnist-images-idx3-ubyte", "xnist-labels-idx2-int"):
            packed = tmp_path / f"{name}.xz"
            packed.write_bytes(lzma.compress((tmp_path / name).read_bytes()))
            server.pages[packed.name] = Page(packed.read_bytes())
            files.append((server.url(packed.name), calculate_md5(packed)))
        monkeypatch.setitem(datasets.QMNIST.resources, "nist", files)
        assert len(datasets.QMNIST(tmp_path, "nist", download=True)) == 6


@pytest.mark.parametrize(
    ("name", "args"),
    [("EMNIST", ("all",)), ("EMNIST", (3,)), ("EMNIST", ("digits",)), ("QMNIST", ("all",)), ("QMNIST", ())],
)
def test_refusals_are_torchvisions(tmp_path, name, args):
    from support.torchvision_reference import torchvision

    said = []
    for E in (datasets, torchvision.datasets):
        with pytest.raises((ValueError, RuntimeError)) as e:
            getattr(E, name)(tmp_path, *args)
        said.append((type(e.value), str(e.value)))
    assert said[0][0] is said[1][0]
    assert said[0][1].startswith(said[1][1])


def test_processed_files_of_old_torchvision(tmp_path):
    from support.torchvision_reference import torch

    folder = tmp_path / "MNIST" / "processed"
    folder.mkdir(parents=True)
    for file in ("training.pt", "test.pt"):
        torch.save((torch.from_numpy(IMAGES), torch.from_numpy(LABELS).long()), folder / file)
    ours, theirs = pair_of("MNIST", tmp_path)
    assert ours.targets.tolist() == theirs.targets.tolist() == LABELS.tolist()
    assert ours[2][0].tobytes() == theirs[2][0].tobytes()
