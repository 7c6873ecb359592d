"""Data sets for transforms.v2: boxes, masks and labels as tensors that say what they are, as torchvision wraps them."""

from __future__ import annotations

import json
import pickle

import glasstorch
import numpy as np
import pytest
from glasstorch.vision import datasets
from support.image_sets import Image, md5, outcome, picture, plain, write_cifar
from support.torchvision_reference import torchvision

theirs = torchvision.datasets
BOTH = (datasets, theirs)


def seen(x):
    """Values, with the class of tensors and what boxes know."""
    if isinstance(x, (list, tuple)):
        return type(x)(seen(y) for y in x)
    if isinstance(x, dict):
        return {k: seen(v) for k, v in sorted(x.items())}
    if hasattr(x, "detach"):
        kept = (getattr(x, "canvas_size", None), getattr(getattr(x, "format", None), "value", None))
        return (type(x).__name__, kept, plain(x))
    return plain(x)


def wrapped(name, *args, target_keys=None, **kwargs):
    return [E.wrap_dataset_for_transforms_v2(getattr(E, name)(*args, **kwargs), target_keys) for E in BOTH]


def assert_same(pair):
    ours, real = pair
    assert len(ours) == len(real) > 0
    assert type(ours).__name__ == type(real).__name__
    if outcome(repr, real)[0] == "gives":  # some of torchvision's fail to print
        assert repr(ours) == repr(real)
    for i in range(len(real)):
        assert seen(ours[i]) == seen(real[i]), i


VOC = """<annotation>
<object><name>person</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>5</xmax><ymax>7</ymax></bndbox>
</object><object><name>tvmonitor</name><bndbox><xmin>3</xmin><ymin>0</ymin><xmax>9</xmax><ymax>8</ymax></bndbox></object>
</annotation>"""


def put_voc(root):
    home = root / "VOCdevkit/VOC2012"
    for part in ("Main", "Segmentation"):
        (home / "ImageSets" / part).mkdir(parents=True)
        (home / "ImageSets" / part / "train.txt").write_text("a\n")
    picture(home / "JPEGImages/a.jpg")
    picture(home / "SegmentationClass/a.png", mode="P")
    (home / "Annotations").mkdir()
    (home / "Annotations/a.xml").write_text(VOC)


@pytest.mark.parametrize("keys", [None, "all", ["boxes"], ("labels", "annotation")])
def test_voc(tmp_path, keys):
    put_voc(tmp_path)
    assert_same(wrapped("VOCDetection", tmp_path, target_keys=keys))
    if keys is None:
        assert_same(wrapped("VOCSegmentation", tmp_path))


def put_kitti(root):
    for part in ("training", "testing"):
        picture(root / f"Kitti/raw/{part}/image_2/000000.png")
    label = root / "Kitti/raw/training/label_2/000000.txt"
    label.parent.mkdir(parents=True)
    line = "Car 0.00 0 -1.58 587.01 173.33 614.12 200.12 1.65 1.67 3.64 -0.65 1.71 46.70 -1.59\n"
    label.write_text(line + line.replace("Car", "DontCare"))


@pytest.mark.parametrize("keys", [None, "all", ["boxes", "rotation_y"]])
def test_kitti(tmp_path, keys):
    put_kitti(tmp_path)
    for train in (True, False):
        assert_same(wrapped("Kitti", tmp_path, train, target_keys=keys))


@pytest.mark.parametrize("keys", [None, "all", ["bbox", "pose"], ["blur"]])
def test_widerface(tmp_path, keys):
    home = tmp_path / "widerface"
    for split in ("train", "val", "test"):
        picture(home / f"WIDER_{split}/images/a.jpg")
    (home / "wider_face_split").mkdir()
    faces = "a.jpg\n2\n1 2 3 4 0 0 0 0 0 0 \n5 6 7 8 1 0 1 0 2 0 \n"
    (home / "wider_face_split/wider_face_val_bbx_gt.txt").write_text(faces)
    (home / "wider_face_split/wider_face_test_filelist.txt").write_text("a.jpg\n")
    for split in ("val", "test"):
        assert_same(wrapped("WIDERFace", tmp_path, split, target_keys=keys))


def put_cityscapes(root):
    start = "train/aachen/aachen_000000_000019"
    picture(root / f"leftImg8bit/{start}_leftImg8bit.png")
    for kind in ("instanceIds", "labelIds", "color"):
        path = picture(root / f"gtFine/{start}_gtFine_{kind}.png", (4, 3), "L")
    numbers = np.array([[7, 7, 26, 200], [7, 11, 24, 11], [7] * 4], np.uint8)
    Image.fromarray(numbers).save(str(path).replace("color", "instanceIds"))


@pytest.mark.parametrize("kind", ["semantic", "instance", ["instance", "semantic"]])
def test_cityscapes(tmp_path, kind):
    put_cityscapes(tmp_path)
    assert_same(wrapped("Cityscapes", tmp_path, target_type=kind))


def test_instances_of_cityscapes_have_16_bits(tmp_path):
    """As published: class times 1000 plus a count. torchvision cannot read these with today's Pillow."""
    put_cityscapes(tmp_path)
    file = next(tmp_path.rglob("*instanceIds.png"))
    numbers = np.array([[7, 7, 26001, 26002], [7, 11, 24000, 11], [7] * 4])
    Image.fromarray(numbers.astype(np.uint16)).save(file)
    _, target = datasets.wrap_dataset_for_transforms_v2(datasets.Cityscapes(tmp_path))[0]
    assert target["labels"].tolist() == [7, 11, 24, 26, 26]
    expected = [[numbers == n] for n in (7, 11, 24000, 26001, 26002)]
    np.testing.assert_array_equal(target["masks"].numpy(), expected)
    assert type(target["masks"]).__name__ == "Mask"


def put_pets(root):
    home = root / "oxford-iiit-pet"
    picture(home / "images/Abyssinian_1.jpg")
    picture(home / "annotations/trimaps/Abyssinian_1.png", mode="L")
    (home / "annotations/trainval.txt").write_text("Abyssinian_1 1 1 1\n")


@pytest.mark.parametrize("kinds", ["category", "segmentation", ["segmentation", "category"], []])
def test_pets(tmp_path, kinds):
    put_pets(tmp_path)
    assert_same(wrapped("OxfordIIITPet", tmp_path, target_types=kinds))


def put_celeba(root, monkeypatch):
    folder = root / "celeba"
    for name in "12":  # torchvision fails on a part of a single image
        picture(folder / f"img_align_celeba/{name}.jpg")
    rows = {
        "list_eval_partition.txt": "1.jpg 0\n2.jpg 0\n",
        "identity_CelebA.txt": "1.jpg 7\n2.jpg 7\n",
        "list_bbox_celeba.txt": "1\nimage_id x_1 y_1 width height\n1.jpg 1 2 3 4\n2.jpg 1 2 3 4\n",
        "list_landmarks_align_celeba.txt": "1\nlefteye_x\n1.jpg 5\n2.jpg 5\n",
        "list_attr_celeba.txt": "1\nBald\n1.jpg -1\n2.jpg -1\n",
    }
    for file, text in rows.items():
        (folder / file).write_text(text)
    for E in BOTH:
        files = [(i, md5(folder / n) if n in rows else m, n) for i, m, n in E.CelebA.file_list]
        monkeypatch.setattr(E.CelebA, "file_list", files)


@pytest.mark.parametrize("kind", ["bbox", "identity", ["identity", "bbox"]])
def test_celeba(tmp_path, monkeypatch, kind):
    put_celeba(tmp_path, monkeypatch)
    assert_same(wrapped("CelebA", tmp_path, target_type=kind))


def put_coco(root):
    things = [
        {"id": 1, "image_id": 5, "category_id": 18, "bbox": [1.0, 2, 3, 4], "area": 12.0, "iscrowd": 0},
        {"id": 2, "image_id": 5, "category_id": 1, "bbox": [0.0, 0, 2.5, 4], "area": 10.0, "iscrowd": 1},
    ]
    things[0]["segmentation"] = [[1.0, 2, 4, 2, 4, 6, 1, 6], [6.0, 1, 9, 1, 9, 5]]
    things[1]["segmentation"] = {"counts": [3, 4, 101], "size": [9, 12]}
    images = [{"id": i, "file_name": f"{i}.jpg", "height": 9, "width": 12} for i in (5, 3)]
    content = {
        "images": images,
        "annotations": things,
        "categories": [{"id": i, "name": str(i)} for i in (1, 18)],
    }
    (root / "a.json").write_text(json.dumps(content))
    for entry in images:
        picture(root / entry["file_name"])


COCO_KEYS = [None, "all", ["boxes", "masks"], ["iscrowd", "labels"]]


@pytest.mark.parametrize("keys", COCO_KEYS)
def test_coco_beside_torchvision(tmp_path, keys):
    pytest.importorskip("pycocotools", reason="torchvision reads COCO with pycocotools")
    put_coco(tmp_path)
    assert_same(wrapped("CocoDetection", tmp_path, tmp_path / "a.json", target_keys=keys))


@pytest.mark.parametrize("keys", COCO_KEYS)
def test_coco(tmp_path, keys):
    put_coco(tmp_path)
    d = datasets.wrap_dataset_for_transforms_v2(datasets.CocoDetection(tmp_path, tmp_path / "a.json"), keys)
    _, nothing = d[0]
    assert nothing == {"image_id": 3}
    _, target = d[1]
    every = {"segmentation", "area", "iscrowd", "image_id", "bbox", "category_id", "boxes", "masks", "labels"}
    assert set(target) == (
        set(keys) if isinstance(keys, list) else every if keys else {"image_id", "boxes", "labels"}
    )
    if "boxes" in target:
        assert target["boxes"].tolist() == [[1, 2, 4, 6], [0, 0, 2.5, 4]]
        assert (target["boxes"].format.value, target["boxes"].canvas_size) == ("XYXY", (9, 12))
    if "masks" in target:
        assert target["masks"].shape == (2, 9, 12)
        assert target["masks"].dtype == glasstorch.uint8
        assert target["masks"].sum((1, 2)).tolist() == [12 + int(target["masks"][0, :, 6:].sum()), 4]
    if "labels" in target:
        assert target["labels"].tolist() == [18, 1]


def test_classification_and_transforms(tmp_path, monkeypatch):
    folder = tmp_path / theirs.CIFAR10.base_folder
    names = [name for name, _ in theirs.CIFAR10.train_list + theirs.CIFAR10.test_list]
    write_cifar(folder, names, 10, "labels", ("batches.meta", "label_names"))
    for E in BOTH:
        for listed in ("train_list", "test_list"):
            files = [[name, md5(folder / name)] for name, _ in getattr(E.CIFAR10, listed)]
            monkeypatch.setattr(E.CIFAR10, listed, files)
        monkeypatch.setattr(E.CIFAR10, "meta", {**E.CIFAR10.meta, "md5": md5(folder / "batches.meta")})
    assert_same(wrapped("CIFAR10", tmp_path, False))
    pair = wrapped("CIFAR10", tmp_path, False, np.array, hex)
    assert_same(pair)
    ours = pair[0]
    assert isinstance(ours, datasets.CIFAR10)
    assert (ours.classes, ours.train) == (pair[1].classes, False)
    assert seen(pickle.loads(pickle.dumps(ours))[1]) == seen(ours[1])
    loaded = list(glasstorch.utils.data.DataLoader(ours, None, num_workers=2))
    assert [plain(x)[1] for x, _ in loaded] == [ours[i][0].tolist() for i in range(4)]
    with pytest.raises(AttributeError):
        ours.nothing  # noqa: B018


def test_refusals(tmp_path, monkeypatch):
    for put in (put_voc, put_pets, put_cityscapes):
        put(tmp_path)
    put_celeba(tmp_path, monkeypatch)
    for name, kwargs, keys in (
        ("VOCDetection", {}, ["boxes", "masks"]),
        ("VOCDetection", {}, 3),
        ("VOCDetection", {}, ["boxes", 3]),
        ("VOCSegmentation", {}, "all"),
        ("OxfordIIITPet", {}, ["category"]),
        ("Cityscapes", {"target_type": "color"}, None),
        ("CelebA", {"target_type": ["bbox", "attr"]}, None),
    ):
        said = [
            outcome(E.wrap_dataset_for_transforms_v2, getattr(E, name)(tmp_path, **kwargs), keys)
            for E in BOTH
        ]
        assert said[0][0] == said[1][0], said
        assert said[0][1].split(". ")[0] == said[1][1].split(". ")[0]
    for make in (lambda E: E.FakeData(3), lambda E: [1, 2]):
        said = [outcome(E.wrap_dataset_for_transforms_v2, make(E)) for E in BOTH]
        assert said[0][0] == said[1][0] == "TypeError"
        assert said[0][1].split(". ")[0].rstrip(".") == said[1][1].split(". ")[0].rstrip(".")
