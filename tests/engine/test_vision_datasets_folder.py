"""Folders of images, and sets that are lists of image files: compared with torchvision on the same files."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import tarfile
import zipfile

import glasstorch
import numpy as np
import pytest
from glasstorch.vision import datasets
from glasstorch.vision.datasets import folder as our_folder
from support.image_sets import assert_same, md5, outcome, picture, plain
from support.torchvision_reference import torch, torchvision
from support.web import Page, web_server

theirs = torchvision.datasets
BOTH = (datasets, theirs)


def ending_in(letter):
    def check(path):
        return os.path.splitext(path)[0].endswith(letter)

    return check


ENDS_IN_A = ending_in("a")


def same_outcome(f, *args, **kwargs):
    """Ours and torchvision's give or raise the same; our first line may go on where theirs ends."""
    (kind, ours), (real_kind, real) = (outcome(f(E), *args, **kwargs) for E in BOTH)
    assert kind == real_kind, (ours, real)
    assert ours == real or (isinstance(real, str) and ours.startswith(real)), (ours, real)
    return kind


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "images"
    for i, name in enumerate(
        (
            "dog/1a.jpg",
            "dog/2.PNG",
            "dog/deep/er/3.jpeg",
            "dog/deep/0a.bmp",
            "cat/10.ppm",
            "cat/9a.webp",
            "Ape/x.tiff",
        )
    ):
        picture(root / name, (8 + i, 6))
    picture(root / "cat/gray a.png", mode="L")
    picture(root / "cat/p.png", mode="P")
    picture(root / "cat/rgba.png", mode="RGBA")
    (root / "cat/notes.txt").write_text("no image")
    (root / "loose.jpg").write_bytes(b"in no class")
    return root


def test_image_folder(tree):
    for root in (tree, str(tree)):
        pair = [E.ImageFolder(root) for E in BOTH]
        assert_same(*pair, "classes", "class_to_idx", "samples", "imgs", "targets", "extensions")
    assert pair[0].classes == ["Ape", "cat", "dog"]


def test_which_files_count(tree):
    assert same_outcome(lambda E: E.ImageFolder, tree, is_valid_file=ENDS_IN_A) == "FileNotFoundError"
    picture(tree / "Ape/ba.tiff")
    pair = [E.ImageFolder(tree, transform=np.array, is_valid_file=ENDS_IN_A) for E in BOTH]
    assert_same(*pair, "samples", "extensions")
    assert [os.path.basename(path) for path, _ in pair[0].imgs] == [
        "ba.tiff",
        "9a.webp",
        "gray a.png",
        "rgba.png",
        "1a.jpg",
        "0a.bmp",
    ]
    (tree / "empty").mkdir()
    assert same_outcome(lambda E: E.ImageFolder, tree) == "FileNotFoundError"
    assert_same(*(E.ImageFolder(tree, allow_empty=True) for E in BOTH), "classes", "targets")


def test_dataset_folder(tree):
    (tree / "Ape/a.txt").write_text("one")
    (tree / "dog/b.txt").write_text("two")
    for extensions in ((".txt",), ".txt", (".TXT",), (".npy", ".txt")):
        assert same_outcome(
            lambda E, extensions=extensions: (
                lambda: list(E.DatasetFolder(tree, os.path.basename, extensions, str.upper, str))
            )
        )
    for kwargs in ({}, {"extensions": (".a",), "is_valid_file": ENDS_IN_A}, {"extensions": (".a",)}):
        assert same_outcome(lambda E: E.DatasetFolder, tree, os.path.basename, **kwargs).endswith("Error")


def test_finding_and_making(tree, tmp_path):
    for args in ((tree,), (str(tree),), (tmp_path / "nowhere",), (tree / "dog/deep/er",)):
        same_outcome(lambda E: E.folder.find_classes, *args)
    for args in (
        (tree, None, ".jpg"),
        (tree, {}, ".jpg"),
        (tree, {"dog": 7, "cat": 3}, (".jpg", ".png")),
        (tree, {"dog": 7, "no": 3}, ".jpg"),
        (tree, {"dog": 7, "no": 3}, ".jpg", None, True),
        (tree, {"loose.jpg": 1}, ".jpg"),
        (tree, {"dog": 0}),
    ):
        same_outcome(lambda E: E.folder.make_dataset, *args)
    same_outcome(lambda E: E.DatasetFolder.make_dataset, tree, None, ".jpg")
    for name in ("a.JPG", "a.webp", "a.gif", "jpg", "a.tif.gz"):
        same_outcome(lambda E: E.folder.is_image_file, name)
        same_outcome(lambda E: E.folder.has_file_allowed_extension, name, "g")
    assert our_folder.IMG_EXTENSIONS == theirs.folder.IMG_EXTENSIONS


def test_a_class_of_ones_own():
    for E in BOTH:

        class Numbers(E.VisionDataset[int]):
            def __getitem__(self, index):
                return index

            def __len__(self):
                return 3

            def extra_repr(self):
                return "One line\nAnother"

        root = os.path.expanduser("~")
        text = f"Dataset Numbers\n    Number of datapoints: 3\n    Root location: {root}/x\n    One line\n    Another"
        assert repr(Numbers("~/x")) == text
        assert repr(Numbers(transforms=len)).splitlines()[-1] == "    <built-in function len>"
        with pytest.raises(ValueError, match="Only transforms or transform/target_transform can be passed"):
            Numbers(transforms=len, transform=len)
        with pytest.raises(NotImplementedError):
            E.VisionDataset()[0]


def test_own_classes_and_links(tree, tmp_path):
    def folders_of(E):
        class Two(E.ImageFolder):
            def find_classes(self, directory):
                return ["dog", "cat"], {"dog": 1, "cat": 0}

        return Two

    assert_same(*(folders_of(E)(tree) for E in BOTH), "classes", "samples")
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "cat").symlink_to(tree / "cat")
    assert_same(*(E.ImageFolder(linked) for E in BOTH), "samples")


def test_in_workers_and_pickled(tree):
    shape = glasstorch.vision.transforms.ToTensor()
    ours = datasets.ImageFolder(tree, transform=shape)
    assert plain(pickle.loads(pickle.dumps(ours))[2]) == plain(ours[2])
    loaded = list(glasstorch.utils.data.DataLoader(ours, None, num_workers=2))
    assert [plain(x) for x, _ in loaded] == [plain(ours[i][0]) for i in range(len(ours))]


@pytest.mark.parametrize(
    ("name", "damage", "kind"),
    [
        ("1a.jpg", lambda b: b[:200], OSError),
        ("1a.jpg", lambda b: b"", OSError),
        ("1a.jpg", lambda b: b"<html></html>", OSError),
        ("2.PNG", lambda b: b[:70], (OSError, SyntaxError)),
        ("2.PNG", lambda b: b[:-30] + b"x" * 30, (OSError, SyntaxError)),
    ],
)
def test_a_damaged_image_is_named(tree, name, damage, kind):
    file = tree / "dog" / name
    file.write_bytes(damage(file.read_bytes()))
    raised = []
    for E in BOTH:
        d = E.ImageFolder(tree)
        with pytest.raises(kind) as e:
            d[[os.path.basename(path) for path, _ in d.samples].index(name)]
        raised.append(e.value)
    assert type(raised[0]) is type(raised[1])
    assert str(file) in str(raised[0])
    with pytest.raises((OSError, RuntimeError), match=name):
        list(glasstorch.utils.data.DataLoader(datasets.ImageFolder(tree), None, num_workers=1))
    file.unlink()
    with pytest.raises(FileNotFoundError, match=name):
        list(d)


# ---------------------------------------------------------------- Food-101
def put_food(root):
    folder = root / "food-101"
    meta = {
        part: {dish: [f"{dish}/{part}{i}" for i in range(2)] for dish in ("ramen", "apple_pie")}
        for part in ("train", "test")
    }
    for part, dishes in meta.items():
        (folder / "meta").mkdir(parents=True, exist_ok=True)
        (folder / "meta" / f"{part}.json").write_text(json.dumps(dishes))
        for paths in dishes.values():
            for path in paths:
                picture(folder / "images" / f"{path}.jpg")
    return folder


@pytest.mark.parametrize("split", ["train", "test"])
def test_food101(tmp_path, split):
    put_food(tmp_path)
    assert_same(*(E.Food101(tmp_path, split) for E in BOTH), "classes", "class_to_idx")
    assert_same(*(E.Food101(str(tmp_path), split, np.array, loader=our_folder.pil_loader) for E in BOTH))


def test_food101_download_and_refusals(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    put_food(tmp_path)
    archive = tmp_path / "food-101.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tmp_path / "food-101", "food-101")
    with web_server() as server:
        server.pages[archive.name] = Page(archive.read_bytes(), drops=[1000])
        monkeypatch.setattr(datasets.Food101, "_URL", server.url(archive.name))
        monkeypatch.setattr(datasets.Food101, "_MD5", md5(archive))
        for _ in range(2):
            assert len(datasets.Food101(tmp_path / "new", download=True)) == 4
        assert len(server.asked) == 2  # one of them to resume
    assert same_outcome(lambda E: E.Food101, tmp_path / "nowhere") == "RuntimeError"
    assert same_outcome(lambda E: E.Food101, tmp_path, "val") == "ValueError"


# ---------------------------------------------------------------- Caltech, CelebA
def test_caltech256(tmp_path):
    for i, name in enumerate(("001.ak47", "002.american-flag"), 1):
        for k in (1, 2):
            picture(
                tmp_path / f"caltech256/256_ObjectCategories/{name}/{i:03d}_{k:04d}.jpg",
                mode="L" if k == 2 else "RGB",
            )
        (tmp_path / f"caltech256/256_ObjectCategories/{name}/RENAME2").write_text("")
    assert_same(*(E.Caltech256(tmp_path) for E in BOTH), "categories", "index", "y", "root")
    assert same_outcome(lambda E: E.Caltech256, tmp_path / "new") == "RuntimeError"


def put_caltech101(root):
    home = root / "caltech101"
    for category in ("Faces", "BACKGROUND_Google", "ant"):
        for k in (1, 2):
            picture(home / f"101_ObjectCategories/{category}/image_{k:04d}.jpg")
    return home


def test_caltech101(tmp_path):
    scipy_io = pytest.importorskip("scipy.io", reason="Caltech-101's outlines are MATLAB files")
    home = put_caltech101(tmp_path)
    for category in ("Faces_2", "ant"):
        (home / "Annotations" / category).mkdir(parents=True)
        for k in (1, 2):
            outline = {"obj_contour": np.array([[1.0, 2.5, k], [3, 4, 5]]), "box_coord": np.zeros((1, 4))}
            scipy_io.savemat(home / "Annotations" / category / f"annotation_{k:04d}.mat", outline)
    for kind in ("category", "annotation", ["annotation", "category"]):
        pair = [E.Caltech101(tmp_path, kind) for E in BOTH]
        assert_same(*pair, "categories", "annotation_categories", "target_type", "index", "y", "root")
    assert same_outcome(lambda E: E.Caltech101, tmp_path, "outline") == "ValueError"


def test_caltech101_download(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    home = put_caltech101(tmp_path)
    inner = tmp_path / "101_ObjectCategories.tar.gz"
    with tarfile.open(inner, "w:gz") as tar:
        tar.add(home / "101_ObjectCategories", "101_ObjectCategories")
    archive = tmp_path / "caltech-101.zip"
    with zipfile.ZipFile(archive, "w") as z:
        z.write(inner, f"caltech-101/{inner.name}")
        z.writestr("__MACOSX/caltech-101/._x", "")
    with web_server() as server:
        server.pages[archive.name] = Page(archive.read_bytes())
        source = (server.url(archive.name), archive.name, md5(archive))
        monkeypatch.setattr(datasets.Caltech101, "_archive", source)
        d = datasets.Caltech101(tmp_path / "new", download=True)
    assert (len(d), d.categories) == (4, ["Faces", "ant"])
    assert d[3][1] == 1
    assert not list((tmp_path / "new/caltech101").glob("*.zip"))


def put_celeba(root, monkeypatch):
    folder = root / "celeba"
    names = [f"{i:06d}.jpg" for i in range(1, 7)]
    for name in names:
        picture(folder / "img_align_celeba" / name)
    rows = {
        "list_eval_partition.txt": ("", lambda i: str(i % 3)),
        "identity_CelebA.txt": ("", lambda i: str(100 + i)),
        "list_bbox_celeba.txt": ("6\nimage_id x_1 y_1 width height\n", lambda i: f"   {i}  2 {i + 30}   40"),
        "list_landmarks_align_celeba.txt": ("6\nlefteye_x lefteye_y\n", lambda i: f" {i}   {-i}"),
        "list_attr_celeba.txt": ("6\nBald Young Smiling \n", lambda i: f"-1  {1 if i % 2 else -1}  1"),
    }
    for file, (head, row) in rows.items():
        (folder / file).write_text(head + "".join(f"{name} {row(i)}\n" for i, name in enumerate(names)))
    for E in BOTH:
        files = [(i, md5(folder / n) if n in rows else m, n) for i, m, n in E.CelebA.file_list]
        monkeypatch.setattr(E.CelebA, "file_list", files)
    return folder


@pytest.mark.parametrize("split", ["train", "valid", "test", "all", "TRAIN"])
def test_celeba(tmp_path, monkeypatch, split):
    put_celeba(tmp_path, monkeypatch)
    for kind in ("attr", "identity", "bbox", "landmarks", ["bbox", "attr"], []):
        pair = [E.CelebA(tmp_path, split, kind) for E in BOTH]
        assert_same(
            *pair, "attr", "attr_names", "identity", "bbox", "landmarks_align", "filename", "target_type"
        )


def test_celeba_refusals(tmp_path, monkeypatch):
    folder = put_celeba(tmp_path, monkeypatch)
    for args in (("val",), (3,), ("train", [], None, str)):
        assert same_outcome(lambda E: E.CelebA, tmp_path, *args).endswith("Error")
    same_outcome(lambda E: E.CelebA(tmp_path, target_type="hat").__getitem__, 0)
    monkeypatch.setitem(__import__("sys").modules, "gdown", None)
    (folder / "identity_CelebA.txt").unlink()
    assert same_outcome(lambda E: E.CelebA, tmp_path) == "RuntimeError"
    assert same_outcome(lambda E: E.CelebA, tmp_path, download=True) == "RuntimeError"
    with pytest.raises(
        RuntimeError, match=r"drive\.google\.com/file/d/0B7EVK8r0v71pZjFTYXZWM3FlRnM.*img_align_celeba\.zip"
    ):
        datasets.CelebA(tmp_path, download=True)


# ---------------------------------------------------------------- Flowers, ImageNet
def test_flowers102(tmp_path, monkeypatch):
    scipy_io = pytest.importorskip("scipy.io", reason="the labels are MATLAB files")
    folder = tmp_path / "flowers-102"
    for i in range(1, 9):
        picture(folder / f"jpg/image_{i:05d}.jpg")
    scipy_io.savemat(folder / "imagelabels.mat", {"labels": np.array([[1, 2, 102, 4, 5, 6, 7, 8]], np.uint8)})
    sets = {"trnid": [[3, 1]], "valid": [[2, 4]], "tstid": [[5, 6, 7, 8]]}
    scipy_io.savemat(folder / "setid.mat", {k: np.array(v, np.uint16) for k, v in sets.items()})
    for E in BOTH:
        files = {
            k: (n, md5(folder / n) if n.endswith(".mat") else m)
            for k, (n, m) in E.Flowers102._file_dict.items()
        }
        monkeypatch.setattr(E.Flowers102, "_file_dict", files)
    for split in ("train", "val", "test"):
        pair = [E.Flowers102(tmp_path, split) for E in BOTH]
        assert_same(*pair, "classes")
        assert [type(label) for _, label in pair[0]] == [int] * len(pair[0])
    assert same_outcome(lambda E: E.Flowers102, tmp_path, "all") == "ValueError"
    assert same_outcome(lambda E: E.Flowers102, tmp_path / "new") == "RuntimeError"


def put_imagenet(root, monkeypatch):
    scipy_io = pytest.importorskip("scipy.io")
    kit = root / "kit/ILSVRC2012_devkit_t12/data"
    kit.mkdir(parents=True)
    kind = [(name, object) for name in ("ILSVRC2012_ID", "WNID", "words", "gloss", "num_children")]
    synsets = [
        (1, "n01", "tench, Tinca", "a fish", 0),
        (2, "n02", "goldfish", "red", 0),
        (1001, "n99", "fish", "all", 2),
    ]
    scipy_io.savemat(kit / "meta.mat", {"synsets": np.array(synsets, dtype=kind)})
    (kit / "ILSVRC2012_validation_ground_truth.txt").write_text("2\n1\n2\n")
    with tarfile.open(root / "ILSVRC2012_devkit_t12.tar.gz", "w:gz") as tar:
        tar.add(root / "kit/ILSVRC2012_devkit_t12", "ILSVRC2012_devkit_t12")
    with tarfile.open(root / "ILSVRC2012_img_val.tar", "w") as tar:
        for i in (3, 1, 2):
            tar.add(picture(root / f"made/val_{i}.JPEG"), f"val_{i}.JPEG")
    with tarfile.open(root / "ILSVRC2012_img_train.tar", "w") as tar:
        for wnid in ("n01", "n02"):
            with tarfile.open(root / f"{wnid}.tar", "w") as inner:
                for i in range(2):
                    inner.add(picture(root / f"made/{wnid}_{i}.JPEG"), f"{wnid}_{i}.JPEG")
            tar.add(root / f"{wnid}.tar", f"{wnid}.tar")
    for E in (datasets.imagenet, theirs.imagenet):
        for key, (name, _) in E.ARCHIVE_META.items():
            monkeypatch.setitem(E.ARCHIVE_META, key, (name, md5(root / name)))


def test_imagenet(tmp_path, monkeypatch):
    pytest.importorskip("scipy.io", reason="ImageNet's names are a MATLAB file")
    assert same_outcome(lambda E: E.ImageNet, tmp_path) == "RuntimeError"
    assert same_outcome(lambda E: E.imagenet.load_meta_file, tmp_path) == "RuntimeError"
    put_imagenet(tmp_path, monkeypatch)
    ours = {split: datasets.ImageNet(tmp_path, split) for split in ("train", "val")}
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    # torchvision reads what we unpacked, and we read what it unpacked
    names = ("classes", "class_to_idx", "wnids", "wnid_to_idx", "samples", "root", "split")
    for split in ("train", "val"):
        assert_same(ours[split], theirs.ImageNet(tmp_path, split), *names)
    assert torch.load(tmp_path / "meta.bin", weights_only=True)[1] == ["n02", "n01", "n02"]
    for name in ("train", "val"):
        shutil.rmtree(tmp_path / name)
    (tmp_path / "meta.bin").unlink()
    for split in ("train", "val"):
        assert_same(theirs.ImageNet(tmp_path, split), datasets.ImageNet(tmp_path, split), *names)
    assert same_outcome(lambda E: E.ImageNet, tmp_path, "test") == "ValueError"


def test_who_reads_images():
    vision = glasstorch.vision
    vision.set_image_backend("PIL")
    vision.disable_beta_transforms_warning()
    assert vision.get_image_backend() == torchvision.get_image_backend() == "PIL"
    for E in (vision, torchvision):
        with pytest.raises(ValueError, match=r"^Invalid backend 'opencv'\. "):
            E.set_image_backend("opencv")
