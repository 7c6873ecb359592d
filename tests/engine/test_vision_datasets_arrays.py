"""Sets that are a few large files of numbers: CIFAR, SVHN, STL-10, USPS; and FakeData. Compared with torchvision."""

from __future__ import annotations

import bz2
import copy
import pickle

import glasstorch
import numpy as np
import pytest
from glasstorch.vision import datasets
from glasstorch.vision.datasets.cifar import read_batch
from support.image_sets import assert_same, md5, outcome, plain, rng, write_cifar
from support.torchvision_reference import torch, torchvision

theirs = torchvision.datasets


def twice(label):
    return 2 * label


def known(monkeypatch, name, folder):
    """Both classes take the files in this folder for the official ones."""
    for E in (datasets, theirs):
        cls = getattr(E, name)
        for listed in ("train_list", "test_list"):
            files = [[file, md5(folder / file)] for file, _ in getattr(cls, listed)]
            monkeypatch.setattr(cls, listed, files)
        if hasattr(cls, "meta"):
            meta = {**cls.meta, "md5": md5(folder / cls.meta["filename"])}
            monkeypatch.setattr(cls, "meta", meta)


CIFARS = {
    "CIFAR10": (10, "labels", ("batches.meta", "label_names")),
    "CIFAR100": (100, "fine_labels", ("meta", "fine_label_names")),
}


def put_cifar(tmp_path, monkeypatch, name="CIFAR10", official=True):
    cls = getattr(theirs, name)
    folder = tmp_path / cls.base_folder
    write_cifar(folder, [file for file, _ in cls.train_list + cls.test_list], *CIFARS[name])
    if official:
        known(monkeypatch, name, folder)
    return folder


@pytest.mark.parametrize("name", CIFARS)
@pytest.mark.parametrize("train", [True, False])
def test_cifar(tmp_path, monkeypatch, name, train):
    put_cifar(tmp_path, monkeypatch, name)
    for root in (tmp_path, str(tmp_path)):
        pair = [
            getattr(E, name)(root, train, transform=np.array, target_transform=twice)
            for E in (datasets, theirs)
        ]
        assert_same(*pair, "data", "targets", "classes", "class_to_idx", "train")
    ours = getattr(datasets, name)(tmp_path, train)
    assert_same(ours, getattr(theirs, name)(tmp_path, train))
    assert_same(pickle.loads(pickle.dumps(ours)), ours)
    to_tensor = glasstorch.vision.transforms.ToTensor()
    loader = glasstorch.utils.data.DataLoader(
        getattr(datasets, name)(tmp_path, train, transform=to_tensor), 4, num_workers=2
    )
    got = np.concatenate([x.numpy() for x, _ in loader])
    np.testing.assert_array_equal(got, ours.data.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255))


def test_cifar_that_is_missing_or_changed(tmp_path, monkeypatch):
    words = "Dataset not found or corrupted. You can use download=True to download it"
    for E in (datasets, theirs):
        with pytest.raises(RuntimeError, match=words):
            E.CIFAR10(tmp_path)
    folder = put_cifar(tmp_path, monkeypatch)
    datasets.CIFAR10(tmp_path)
    (folder / "data_batch_3").write_bytes(b"changed")
    for E in (datasets, theirs):
        with pytest.raises(RuntimeError, match=words):
            E.CIFAR10(tmp_path, train=False)
    with pytest.raises(RuntimeError, match="c58f30108f718f92721af3b95e74349a"):
        datasets.CIFAR10(tmp_path)
    known(monkeypatch, "CIFAR10", folder)
    (folder / "batches.meta").unlink()
    for E in (datasets, theirs):
        with pytest.raises(RuntimeError, match=r"Dataset metadata file not found or corrupted"):
            E.CIFAR10(tmp_path, train=False)


def test_bytes_as_python_2_pickled_them(tmp_path):
    """The published files: texts are byte strings, and so is the memory of arrays."""
    pixels = rng.integers(0, 256, (4, 3072), dtype=np.uint8)
    content = (
        b"\x80\x02}q\x00(U\x04dataq\x01cnumpy.core.multiarray\n_reconstruct\nq\x02cnumpy\nndarray\nq\x03K\x00\x85q\x04"
        b"U\x01bq\x05\x87q\x06Rq\x07(K\x01K\x04M\x00\x0c\x86q\x08cnumpy\ndtype\nq\tU\x02u1q\nK\x00K\x01\x87q\x0bRq\x0c"
        b"(K\x03U\x01|q\rNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x0eb\x89T"
        + len(pixels.tobytes()).to_bytes(4, "little")
        + pixels.tobytes()
        + b"tq\x0fbU\x06labelsq\x10]q\x11(K\x01K\x02K\x03K\x04eu."
    )
    (tmp_path / "batch").write_bytes(content)
    batch = read_batch(tmp_path / "batch")
    np.testing.assert_array_equal(batch["data"], pixels)
    assert batch["data"].dtype == np.uint8
    assert batch["labels"] == [1, 2, 3, 4]


class Trap:
    """Its pickle would call a function."""

    def __reduce__(self):
        return (open, ("trapped", "w"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda b: pickle.dumps(Trap()), r"it asks for _?io\.open"),
        (lambda b: pickle.dumps({**pickle.loads(b), "labels": [10] * 4}), "holds the label 10"),
        (lambda b: pickle.dumps({**pickle.loads(b), "labels": [-1] * 4}), "holds the label -1"),
        (lambda b: pickle.dumps({**pickle.loads(b), "labels": [1] * 3}), "holds 4 images and 3 labels"),
        (lambda b: pickle.dumps({"labels": [1] * 4}), "does not hold images"),
        (lambda b: pickle.dumps({**pickle.loads(b), "data": np.zeros((4, 3))}), "does not hold images"),
        (lambda b: pickle.dumps([1, 2]), "it holds a list, not a dictionary"),
        (lambda b: pickle.dumps({"data": glasstorch.int64}), r"it asks for"),
        (lambda b: b[:-50], "cannot be read"),
        (lambda b: b"", "cannot be read"),
        (lambda b: b"<html></html>", "cannot be read"),
    ],
)
def test_a_cifar_file_that_is_something_else(tmp_path, monkeypatch, content, words):
    monkeypatch.chdir(tmp_path)
    folder = put_cifar(tmp_path, monkeypatch)
    file = folder / "data_batch_2"
    file.write_bytes(content(file.read_bytes()))
    known(monkeypatch, "CIFAR10", folder)
    with pytest.raises(RuntimeError, match=words) as e:
        datasets.CIFAR10(tmp_path)
    assert str(file) in str(e.value)
    assert not (tmp_path / "trapped").exists()


# ---------------------------------------------------------------- STL-10
STL_FILES = ["train_X.bin", "train_y.bin", "unlabeled_X.bin", "test_X.bin", "test_y.bin"]


def put_stl10(tmp_path, monkeypatch, **counts):
    folder = tmp_path / "stl10_binary"
    folder.mkdir(parents=True, exist_ok=True)
    for part, count in {"train": 6, "unlabeled": 3, "test": 4, **counts}.items():
        rng.integers(0, 256, (count, 3, 96, 96), dtype=np.uint8).tofile(folder / f"{part}_X.bin")
        if part != "unlabeled":
            rng.integers(1, 11, count, dtype=np.uint8).tofile(folder / f"{part}_y.bin")
    (folder / "class_names.txt").write_text("\n".join(f"thing {i}" for i in range(10)))
    (folder / "fold_indices.txt").write_text("\n".join(f"{i % 6} {(i + 2) % 6} " for i in range(10)))
    known(monkeypatch, "STL10", folder)
    return folder


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torchvision's own, of NumPy
@pytest.mark.parametrize("split", ["train", "test", "unlabeled", "train+unlabeled"])
def test_stl10(tmp_path, monkeypatch, split):
    put_stl10(tmp_path, monkeypatch)
    for folds in (None, 0, 9):
        pair = [E.STL10(tmp_path, split, folds) for E in (datasets, theirs)]
        assert_same(*pair, "classes", "split", "folds")
        np.testing.assert_array_equal(pair[0].data, pair[1].data)
        np.testing.assert_array_equal(pair[0].labels, pair[1].labels)


def test_stl10_refuses(tmp_path, monkeypatch):
    folder = put_stl10(tmp_path, monkeypatch)
    for bad in ({"folds": 10}, {"folds": -1}, {"folds": "a"}, {"split": "val"}, {"split": 3}):
        assert outcome(datasets.STL10, tmp_path, **bad) == outcome(theirs.STL10, tmp_path, **bad)
    for file, content, words in (
        ("train_X.bin", b"123", "cut short: 3 bytes"),
        ("train_y.bin", b"\x01" * 5, "does not hold 6 labels"),
        ("train_y.bin", b"\x0b" * 6, "from 1 to 10"),
        ("train_y.bin", b"\x00" * 6, "from 1 to 10"),
    ):
        put_stl10(tmp_path, monkeypatch)
        (folder / file).write_bytes(content)
        known(monkeypatch, "STL10", folder)
        with pytest.raises(RuntimeError, match=words) as e:
            datasets.STL10(tmp_path)
        assert str(folder / file) in str(e.value)
    (folder / "train_X.bin").unlink()
    with pytest.raises(RuntimeError, match="not found or corrupted"):
        datasets.STL10(tmp_path)


# ---------------------------------------------------------------- SVHN
def put_svhn(tmp_path, monkeypatch, **content):
    scipy_io = pytest.importorskip("scipy.io", reason="SVHN's files are MATLAB's")
    file = tmp_path / "test_32x32.mat"
    digits = {
        "X": rng.integers(0, 256, (32, 32, 3, 5), dtype=np.uint8),
        "y": np.array([[1], [10], [3], [10], [9]], np.uint8),
    }
    scipy_io.savemat(file, {k: v for k, v in {**digits, **content}.items() if v is not None})
    for cls in (datasets.SVHN, theirs.SVHN):
        url, name, _ = cls.split_list["test"]
        monkeypatch.setitem(cls.split_list, "test", [url, name, md5(file)])
    return file


def test_svhn(tmp_path, monkeypatch):
    put_svhn(tmp_path, monkeypatch)
    pair = [E.SVHN(tmp_path, "test", target_transform=twice) for E in (datasets, theirs)]
    assert_same(*pair, "data", "labels", "split", "filename", "file_md5", "url")
    assert pair[0].labels.tolist() == [1, 0, 3, 0, 9]
    for bad in ({"split": "val"}, {"split": "train"}):
        ours, real = (outcome(E.SVHN, tmp_path, **bad) for E in (datasets, theirs))
        assert ours[0] == real[0]
        assert ours[1].startswith(real[1])


@pytest.mark.parametrize(
    "content", [{"X": None}, {"y": np.zeros(4)}, {"y": np.full(5, 11)}, {"X": np.zeros((3, 3))}]
)
def test_svhn_that_is_something_else(tmp_path, monkeypatch, content):
    file = put_svhn(tmp_path, monkeypatch, **content)
    with pytest.raises(RuntimeError) as e:
        datasets.SVHN(tmp_path, "test")
    assert str(file) in str(e.value)


def test_svhn_without_scipy_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "scipy.io", None)
    file = tmp_path / "test_32x32.mat"
    file.write_bytes(b"")
    monkeypatch.setitem(datasets.SVHN.split_list, "test", ["", file.name, md5(file)])
    with pytest.raises(ImportError, match="pip install scipy"):
        datasets.SVHN(tmp_path, "test")


# ---------------------------------------------------------------- USPS
def usps_text(count, label=None):
    lines = []
    for _ in range(count):
        values = " ".join(f"{i}:{x:.4f}" for i, x in enumerate(rng.uniform(-1, 1, 256), 1))
        lines.append(f"{label or rng.integers(1, 11)} {values} \n")
    return "".join(lines).encode()


def test_usps(tmp_path):
    (tmp_path / "usps.bz2").write_bytes(bz2.compress(usps_text(6)))
    (tmp_path / "usps.t.bz2").write_bytes(bz2.compress(usps_text(2)))
    for train in (True, False):
        pair = [E.USPS(tmp_path, train, transform=np.array) for E in (datasets, theirs)]
        assert_same(*pair, "data", "targets")
        assert_same(*(E.USPS(tmp_path, train) for E in (datasets, theirs)))
    for content in (usps_text(2)[:-30], usps_text(1, label=11), b"1 2:x\n"):
        (tmp_path / "usps.bz2").write_bytes(bz2.compress(content))
        with pytest.raises(RuntimeError, match=r"usps\.bz2"):
            datasets.USPS(tmp_path)
    (tmp_path / "usps.bz2").write_bytes(bz2.compress(usps_text(2))[:-20])
    with pytest.raises(RuntimeError, match="damaged"):
        datasets.USPS(tmp_path)
    (tmp_path / "usps.bz2").unlink()
    assert outcome(datasets.USPS, tmp_path) == outcome(theirs.USPS, tmp_path)


# ---------------------------------------------------------------- FakeData
@pytest.mark.parametrize("size", [(3, 8, 9), (1, 5, 4), (4, 3, 3)])
def test_fake_data(size):
    pair = [E.FakeData(3, size, num_classes=7, random_offset=11) for E in (datasets, theirs)]
    assert_same(*pair)
    glasstorch.manual_seed(5)
    torch.manual_seed(5)
    assert plain(pair[0][0]) == plain(pair[1][0])
    assert glasstorch.rand(3).tolist() == torch.rand(3).tolist()
    assert outcome(pair[0].__getitem__, 3) == outcome(pair[1].__getitem__, 3)
    changed = [
        E.FakeData(2, size, transform=np.array, target_transform=lambda t: t * 2) for E in (datasets, theirs)
    ]
    for i in range(2):
        assert plain(changed[0][i]) == plain(changed[1][i])
    assert_same(copy.deepcopy(pair[0]), pair[1])
